/*
 * scenario.yaml: what it may hold, as tables, and loading it.
 */
#include "scenario/scenario.h"

#include "core/rubric.h"
#include "scenario/parse.h"
#include "scenario/readfile.h"
#include <string.h>

#define WEIGHT_MAX 1000
#define POSTS_MAX 100
#define ACCOUNTS_MAX 10000
#define PHONE_MAX_BYTES 64
#define ADDRESS_MAX_BYTES 300
#define ZONE_MAX_BYTES 64
#define DURATION_MS_MAX ((int64_t)TICK_MS_MAX * TICKS_MAX)

static const struct field post_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_post, id), 0, 0, NULL},
    {"title", KIND_NAME, REQUIRED, offsetof(struct in_post, title), 0, 0, NULL},
    {"holder", KIND_TEXT, OPTIONAL, offsetof(struct in_post, holder), 1, NAME_MAX_BYTES, NULL},
    {"phone", KIND_TEXT, OPTIONAL, offsetof(struct in_post, phone), 1, PHONE_MAX_BYTES, NULL},
};
static const struct record post_record = RECORD(struct in_post, "a post", post_fields);

static const struct field department_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_department, id), 0, 0, NULL},
    {"name", KIND_NAME, REQUIRED, offsetof(struct in_department, name), 0, 0, NULL},
    {"nop", KIND_BOOL, OPTIONAL, offsetof(struct in_department, nop), 0, 0, NULL},
    {"posts", KIND_LIST, OPTIONAL, offsetof(struct in_department, posts), 0, POSTS_MAX,
	&post_record},
    {"mail", KIND_NODE, OPTIONAL, offsetof(struct in_department, mail), 0, 0, NULL},
};
static const struct record department_record =
    RECORD(struct in_department, "a department", department_fields);

static const struct field red_team_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_red_team, id), 0, 0, NULL},
    {"name", KIND_NAME, REQUIRED, offsetof(struct in_red_team, name), 0, 0, NULL},
    {"department", KIND_ID, OPTIONAL, offsetof(struct in_red_team, department), 0, 0, NULL},
};
static const struct record red_team_record =
    RECORD(struct in_red_team, "a red team", red_team_fields);

static const struct field system_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_system, id), 0, 0, NULL},
    {"name", KIND_NAME, REQUIRED, offsetof(struct in_system, name), 0, 0, NULL},
    {"department", KIND_ID, REQUIRED, offsetof(struct in_system, department), 0, 0, NULL},
    {"challenge", KIND_ID, REQUIRED, offsetof(struct in_system, challenge), 0, 0, NULL},
    {"service", KIND_ID, OPTIONAL, offsetof(struct in_system, service), 0, 0, NULL},
    {"address", KIND_TEXT, REQUIRED, offsetof(struct in_system, address), 1, ADDRESS_MAX_BYTES,
	NULL},
    {"mlps", KIND_INT, OPTIONAL, offsetof(struct in_system, mlps), 0, 5, NULL},
    {"weight", KIND_INT, OPTIONAL, offsetof(struct in_system, weight), 1, WEIGHT_MAX, NULL},
    {"in_charge", KIND_ID, OPTIONAL, offsetof(struct in_system, in_charge), 0, 0, NULL},
};
static const struct record system_record = RECORD(struct in_system, "a system", system_fields);

static const struct field account_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_account, id), 0, 0, NULL},
    {"role", KIND_TEXT, REQUIRED, offsetof(struct in_account, role), 1, ID_MAX_BYTES, NULL},
    {"department", KIND_ID, OPTIONAL, offsetof(struct in_account, department), 0, 0, NULL},
    {"red_team", KIND_ID, OPTIONAL, offsetof(struct in_account, red_team), 0, 0, NULL},
};
static const struct record account_record = RECORD(struct in_account, "an account", account_fields);

static const struct field drill_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_drill, id), 0, 0, NULL},
    {"name", KIND_NAME, REQUIRED, offsetof(struct in_drill, name), 0, 0, NULL},
    {"start", KIND_MOMENT, OPTIONAL, offsetof(struct in_drill, start), 0, 0, NULL},
    {"duration", KIND_DURATION, REQUIRED, offsetof(struct in_drill, duration), TICK_MS_MIN,
	DURATION_MS_MAX, NULL},
    {"tick", KIND_DURATION, REQUIRED, offsetof(struct in_drill, tick), TICK_MS_MIN, TICK_MS_MAX,
	NULL},
    {"time_zone", KIND_TEXT, OPTIONAL, offsetof(struct in_drill, time_zone), 1, ZONE_MAX_BYTES,
	NULL},
    {"flag_ticks", KIND_INT, OPTIONAL, offsetof(struct in_drill, flag_ticks), 1, FLAG_TICKS_MAX,
	NULL},
    {"flag_prefix", KIND_TEXT, OPTIONAL, offsetof(struct in_drill, flag_prefix), 1, NAME_MAX_BYTES,
	NULL},
    {"public_board", KIND_BOOL, OPTIONAL, offsetof(struct in_drill, public_board), 0, 0, NULL},
    {"scoring", KIND_NODE, OPTIONAL, offsetof(struct in_drill, scoring), 0, 0, NULL},
};
static const struct record drill_record = RECORD(struct in_drill, "the drill", drill_fields);

static const struct field calendar_fields[] = {
    {"holidays", KIND_NODE, OPTIONAL, offsetof(struct in_calendar, holidays), 0, 0, NULL},
    {"working_weekends", KIND_NODE, OPTIONAL, offsetof(struct in_calendar, working_weekends), 0, 0,
	NULL},
};
static const struct record calendar_record =
    RECORD(struct in_calendar, "the calendar", calendar_fields);

static const struct field reports_fields[] = {
    {"initial", KIND_NODE, OPTIONAL, offsetof(struct in_reports, initial), 0, 0, NULL},
    {"progress", KIND_NODE, OPTIONAL, offsetof(struct in_reports, progress), 0, 0, NULL},
    {"final", KIND_NODE, OPTIONAL, offsetof(struct in_reports, final), 0, 0, NULL},
};
static const struct record reports_record =
    RECORD(struct in_reports, "the limits of reports", reports_fields);

static const struct field truth_fields[] = {
    {"window", KIND_DURATION, OPTIONAL, offsetof(struct in_truth, window), 1000, TRUTH_MS_MAX,
	NULL},
    {"merge", KIND_DURATION, OPTIONAL, offsetof(struct in_truth, merge), 1000, TRUTH_MS_MAX, NULL},
    {"report_steps", KIND_NODE, OPTIONAL, offsetof(struct in_truth, report_steps), 0, 0, NULL},
    {"recovery_steps", KIND_NODE, OPTIONAL, offsetof(struct in_truth, recovery_steps), 0, 0, NULL},
};
static const struct record truth_record =
    RECORD(struct in_truth, "the pairing of red facts and reports", truth_fields);

static const struct field rubric_fields[] = {
    {"id", KIND_ID, REQUIRED, offsetof(struct in_rubric, id), 0, 0, NULL},
    {"title", KIND_NAME, REQUIRED, offsetof(struct in_rubric, title), 0, 0, NULL},
    {"guidance", KIND_NODE, OPTIONAL, offsetof(struct in_rubric, guidance), 0, 0, NULL},
    {"marks", KIND_INT, REQUIRED, offsetof(struct in_rubric, marks), 1, RUBRIC_MARKS_MAX, NULL},
    {"dimension", KIND_TEXT, REQUIRED, offsetof(struct in_rubric, dimension), 1, ID_MAX_BYTES,
	NULL},
    {"measure", KIND_TEXT, OPTIONAL, offsetof(struct in_rubric, measure), 1, ID_MAX_BYTES, NULL},
};
static const struct record rubric_record =
    RECORD(struct in_rubric, "an item of the rubric", rubric_fields);

static const struct field scenario_fields[] = {
    {"drill", KIND_RECORD, REQUIRED, offsetof(struct in_scenario, drill), 0, 0, &drill_record},
    {"departments", KIND_LIST, REQUIRED, offsetof(struct in_scenario, departments), 1, TEAMS_MAX,
	&department_record},
    {"red_teams", KIND_LIST, OPTIONAL, offsetof(struct in_scenario, red_teams), 0, TEAMS_MAX,
	&red_team_record},
    {"systems", KIND_LIST, REQUIRED, offsetof(struct in_scenario, systems), 1, SYSTEMS_MAX,
	&system_record},
    {"accounts", KIND_LIST, OPTIONAL, offsetof(struct in_scenario, accounts), 0, ACCOUNTS_MAX,
	&account_record},
    {"checkers", KIND_NODE, OPTIONAL, offsetof(struct in_scenario, checkers), 0, 0, NULL},
    {"mail", KIND_NODE, OPTIONAL, offsetof(struct in_scenario, mail), 0, 0, NULL},
    {"kill", KIND_NODE, OPTIONAL, offsetof(struct in_scenario, kill), 0, 0, NULL},
    {"calendar", KIND_RECORD, OPTIONAL, offsetof(struct in_scenario, calendar), 0, 0,
	&calendar_record},
    {"tickets", KIND_NODE, OPTIONAL, offsetof(struct in_scenario, tickets), 0, 0, NULL},
    {"reports", KIND_RECORD, OPTIONAL, offsetof(struct in_scenario, reports), 0, 0,
	&reports_record},
    {"rules", KIND_NODE, OPTIONAL, offsetof(struct in_scenario, rules), 0, 0, NULL},
    {"results", KIND_NODE, OPTIONAL, offsetof(struct in_scenario, results), 0, 0, NULL},
    {"injects", KIND_NODE, OPTIONAL, offsetof(struct in_scenario, injects), 0, 0, NULL},
    {"truth", KIND_RECORD, OPTIONAL, offsetof(struct in_scenario, truth), 0, 0, &truth_record},
    {"rubrics", KIND_LIST, OPTIONAL, offsetof(struct in_scenario, rubrics), 1, RUBRIC_ITEMS_MAX,
	&rubric_record},
};
static const struct record scenario_record =
    RECORD(struct in_scenario, "a scenario", scenario_fields);

enum err
scenario_parse(const char *text, size_t len, const struct challenge_source *source,
    struct scenario *out, struct mistakes *m, struct buf *challenge_mistakes)
{
	struct in_scenario in = {.at = {0, 0}};
	struct reader r = {.mistakes = m, .arena = &out->arena};
	struct yaml_tree tree;

	if (tree_load(&tree, text, len, m) != ERR_OK)
		return ERR_INVALID;
	r.tree = &tree;
	if (record_read(&r, tree.root, &scenario_record, &in))
		scenario_build(&r, &in, source, out, challenge_mistakes);
	tree_free(&tree);
	return m->count == 0 && challenge_mistakes->len == 0 ? ERR_OK : ERR_INVALID;
}

enum err
scenario_load(
    const char *file, const char *challenges_dir, struct scenario *out, struct buf *mistakes)
{
	struct challenge_source source = {.dir = challenges_dir};
	struct buf text, challenge_mistakes;
	struct mistakes m;
	struct why why;
	enum err e;

	*out = (struct scenario){.account_count = 0};
	buf_init(&text, SCENARIO_FILE_MAX_BYTES);
	buf_init(&challenge_mistakes, MISTAKES_TEXT_MAX_BYTES);
	mistakes_init(&m, file);
	if ((e = file_read(file, &text, &why)) == ERR_OK) {
		e = scenario_parse(text.data, text.len, &source, out, &m, &challenge_mistakes);
	} else if (e == ERR_LIMIT) {
		mistake_add(&m, (struct place){1, 1}, "the file is larger than %u bytes",
		    SCENARIO_FILE_MAX_BYTES);
		e = ERR_INVALID;
	} else {
		buf_printf(mistakes, "%s: %s\n", file, why.text);
	}
	mistakes_write(&m, mistakes);
	buf_put(mistakes, challenge_mistakes.data, challenge_mistakes.len);
	mistakes_free(&m);
	buf_free(&challenge_mistakes);
	buf_free(&text);
	return e;
}

void
scenario_free(struct scenario *s)
{
	config_free(&s->config);
	arena_free(&s->arena);
}

const struct challenge *
scenario_challenge(const struct scenario *s, const char *id)
{
	for (size_t i = 0; i < s->challenge_count; i++)
		if (strcmp(s->challenges[i].id, id) == 0)
			return &s->challenges[i];
	return NULL;
}
