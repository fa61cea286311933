/*
 * What scenario.c reads from the file, before it is known to hold together; build.c turns it into a
 * struct scenario. Also the door for the fuzzer and the tests, which bring their texts in memory.
 * Private to this floor and its tests.
 */
#ifndef DRILLD_SCENARIO_PARSE_H
#define DRILLD_SCENARIO_PARSE_H

#include "base/text.h"
#include "scenario/challenge.h"
#include "scenario/fields.h"
#include "scenario/scenario.h"

struct in_post {
	struct place at;
	struct text id;
	struct name title;
	struct text holder, phone;
};

struct in_department {
	struct place at;
	struct text id;
	struct name name;
	struct number nop;
	struct list posts;
	struct node mail;
};

struct in_red_team {
	struct place at;
	struct text id;
	struct name name;
	struct text department;
};

struct in_system {
	struct place at;
	struct text id;
	struct name name;
	struct text department, challenge, service, address;
	struct number mlps, weight;
	struct text in_charge;
};

struct in_account {
	struct place at;
	struct text id, role, department, red_team;
};

struct in_drill {
	struct place at;
	struct text id;
	struct name name;
	struct number start, duration, tick;
	struct text time_zone;
	struct number flag_ticks;
	struct text flag_prefix;
	struct number public_board;
	struct node scoring;
};

struct in_checkers {
	struct place at;
	struct number processes, in_flight;
	struct node limits;
};

struct in_calendar {
	struct place at;
	struct node holidays, working_weekends;
};

struct in_reports {
	struct place at;
	struct node initial, progress, final;
};

struct in_truth {
	struct place at;
	struct number window, merge;
	struct node report_steps, recovery_steps;
};

struct in_rubric {
	struct place at;
	struct text id;
	struct name title;
	struct node guidance;
	struct number marks;
	struct text dimension, measure;
};

struct in_scenario {
	struct place at;
	struct in_drill drill;
	struct list departments, red_teams, systems, accounts;
	struct in_calendar calendar;
	struct in_reports reports;
	struct node checkers, mail, kill, rules, results;
	struct node injects, tickets;
	struct in_truth truth;
	struct list rubrics;
};

/* The text of a scenario -> *out; mistakes of challenge files are appended to challenge_mistakes. */
enum err scenario_parse(const char *text, size_t len, const struct challenge_source *source,
    struct scenario *out, struct mistakes *m, struct buf *challenge_mistakes) MUST_CHECK;

/*
 * in -> out, naming what does not fit together. out is complete only if no mistake was added. drill.c does
 * the drill's times and scoring, checkers.c how checks are run, calendar.c the working days, build.c everything that has an id.
 */
void scenario_build(struct reader *r, const struct in_scenario *in,
    const struct challenge_source *source, struct scenario *out, struct buf *challenge_mistakes);
void drill_build(struct reader *r, const struct in_drill *in, struct drill_config *c);
void checkers_build(struct reader *r, const struct node *given, struct scenario_checkers *out);
void mail_build(struct reader *r, const struct node *given, struct scenario_mail *out);
void contacts_build(struct reader *r, const struct node *given, struct scenario_contacts *out);
void kill_build(struct reader *r, const struct node *given, struct scenario_hook *out);
void calendar_build(struct reader *r, const struct in_calendar *in, struct calendar *out);
void tickets_build(struct reader *r, const struct node *node, struct ticket_rules *out);
void reports_build(struct reader *r, const struct in_reports *in, struct report_limits *out);
void rules_build(
    struct reader *r, const struct node *given, const struct list *systems, struct drill_config *c);
void results_build(struct reader *r, const struct node *given, struct drill_config *c);
void injects_build(struct reader *r, const struct node *given, struct scenario *out);
void truth_config_build(struct reader *r, const struct in_truth *in, struct truth_config *out);
const struct rubric *rubrics_build(
    struct reader *r, const struct list *in); /* NULL: none is given */
void drill_build_scoring(struct reader *r, const struct in_drill *in, struct drill_config *c);

/*
 * A text of 1..max bytes that text_check takes, or {zh, en}; one that is missing repeats the other. What is not given is
 * "" in both; of what is wrong the mistakes tell.
 */
struct i18n words_read(
    struct reader *r, const struct node *given, const char *key, size_t max, enum text_kind kind);

#endif
