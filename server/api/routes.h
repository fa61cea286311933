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
extern const struct route route_plans_get;
extern const struct route route_plan_get;
extern const struct route route_plan_put;
extern const struct route route_plan_delete;
extern const struct route route_report_plans_get;
extern const struct route route_report_plans_post;
extern const struct route route_plan_tick_post;
extern const struct route route_plan_skip_post;
extern const struct route route_rules_get;
extern const struct route route_rules_accept_post;
extern const struct route route_result_kinds_get;
extern const struct route route_results_get;
extern const struct route route_results_post;
extern const struct route route_result_get;
extern const struct route route_result_put;
extern const struct route route_result_review_post;
extern const struct route route_result_return_post;
extern const struct route route_result_reject_post;
extern const struct route route_result_confirm_post;
extern const struct route route_result_void_post;
extern const struct route route_result_reopen_post;
extern const struct route route_kill_get;
extern const struct route route_kill_post;
extern const struct route route_kill_delete;
extern const struct route route_flags_post;
extern const struct route route_forcad_flags;
extern const struct route route_forcad_flags_slash;
extern const struct route route_tickets_get;
extern const struct route route_tickets_post;
extern const struct route route_tickets_csv_get;
extern const struct route route_tickets_xlsx_get;
extern const struct route route_tickets_import_post;
extern const struct route route_ticket_summary_get;
extern const struct route route_ticket_get;
extern const struct route route_ticket_notice_get;
extern const struct route route_ticket_notify_post;
extern const struct route route_ticket_acknowledge_post;
extern const struct route route_ticket_start_post;
extern const struct route route_ticket_feedback_post;
extern const struct route route_ticket_retest_post;
extern const struct route route_ticket_result_post;
extern const struct route route_ticket_extension_post;
extern const struct route route_ticket_extension_decision_post;
extern const struct route route_ticket_accept_risk_post;
extern const struct route route_ticket_duplicate_post;
extern const struct route route_ticket_false_positive_post;
extern const struct route route_ticket_reopen_post;

#endif
