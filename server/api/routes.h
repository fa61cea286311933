/*
 * Every route's record, for the table in routes.c. Each lives in the file of its resource.
 */
#ifndef DRILLD_API_ROUTES_H
#define DRILLD_API_ROUTES_H

#include "api/route.h"

extern const struct route route_board_get;
extern const struct route route_systems_get;
extern const struct route route_health_get;
extern const struct route route_session_post;
extern const struct route route_session_get;
extern const struct route route_session_delete;
extern const struct route route_accounts_get;
extern const struct route route_accounts_post;
extern const struct route route_account_password_post;
extern const struct route route_account_token_post;
extern const struct route route_clock_post;
extern const struct route route_metrics_get;
extern const struct route route_holds_get;
extern const struct route route_holds_post;
extern const struct route route_hold_delete;
extern const struct route route_voids_get;
extern const struct route route_voids_post;
extern const struct route route_void_get;
extern const struct route route_void_post;
extern const struct route route_system_checks_get;
extern const struct route route_announcements_get;
extern const struct route route_announcements_post;
extern const struct route route_announcement_seen_post;
extern const struct route route_announcement_delete;
extern const struct route route_reports_get;
extern const struct route route_reports_post;
extern const struct route route_report_get;
extern const struct route route_report_draft_patch;
extern const struct route route_report_draft_delete;
extern const struct route route_report_submit_post;
extern const struct route route_report_filing_get;
extern const struct route route_report_difference_get;
extern const struct route route_report_return_post;
extern const struct route route_report_appeal_post;
extern const struct route route_report_comments_post;
extern const struct route route_report_duplicate_post;
extern const struct route route_flags_post;
extern const struct route route_forcad_flags;
extern const struct route route_forcad_flags_slash;
extern const struct route route_truth_get;
extern const struct route route_report_truth_get;
extern const struct route route_truth_pairs_post;
extern const struct route route_truth_concealed_post;
extern const struct route route_rubric_get;
extern const struct route route_judgings_get;
extern const struct route route_judging_drift_get;
extern const struct route route_judging_release_post;
extern const struct route route_judging_get;
extern const struct route route_judging_triage_post;
extern const struct route route_judging_judges_post;
extern const struct route route_judging_marks_post;
extern const struct route route_judging_reject_post;
extern const struct route route_judging_final_post;
extern const struct route route_judging_archive_post;

#endif
