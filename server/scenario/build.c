/*
 * Everything that has an id: departments, red teams, systems, accounts and what they refer to.
 */
#include "core/account.h"
#include "core/addressees.h"
#include "scenario/names.h"
#include "scenario/parse.h"
#include "scenario/readfile.h"
#include "scenario/values.h"
#include <string.h>

#define ROLES_MAX 8

struct builder {
	struct reader *r;
	const struct in_scenario *in;
	const struct challenge_source *source;
	struct scenario *out;
	struct buf *challenge_mistakes;
	const struct in_department *departments;
	const struct in_red_team *red_teams;
	const struct in_system *systems;
	struct names department_names, red_team_names, challenge_names;
	enum err *challenge_errors; /* parallel to out->challenges */
	struct why *challenge_whys;
	const struct in_system *
	    *owned; /* [department][service]: the system, to find a second one */
};

static struct i18n
plain_name(const char *s)
{
	return (struct i18n){s, s};
}

/* ---- departments, posts, red teams ---- */

static void
build_posts(struct builder *b, const struct in_department *d)
{
	const struct in_post *posts = d->posts.items;
	struct names names;

	names_init(&names, "post of this department", b->r->arena, d->posts.count);
	for (size_t i = 0; i < d->posts.count; i++) {
		names_add(&names, &posts[i].id, i);
		b->out->posts[b->out->post_count++] = (struct post){
		    .department = d->id.s,
		    .id = posts[i].id.s,
		    .title = posts[i].title.v,
		    .holder = posts[i].holder.s != NULL ? posts[i].holder.s : "",
		    .phone = posts[i].phone.s != NULL ? posts[i].phone.s : "",
		};
	}
	names_seal(&names, b->r->mistakes);
}

/* Ids that stand for something else already. */
static void
refuse_reserved(struct reader *r, const struct text *id, bool reserved, const char *what)
{
	if (reserved)
		mistake_add(r->mistakes, id->at, "the id \"%s\" stands for %s; take another one",
		    id->s, what);
}

static void
refuse_group(struct reader *r, const struct text *id)
{
	refuse_reserved(r, id, id->s != NULL && addressees_is_group(id->s),
	    "many where an announcement or an inject says whom it is for");
}

static void
build_departments(struct builder *b)
{
	struct drill_config *c = &b->out->config;
	size_t posts = 0;

	for (size_t i = 0; i < b->in->departments.count; i++)
		posts += b->departments[i].posts.count;
	b->out->posts = arena_array(b->r->arena, posts + 1, sizeof(*b->out->posts));
	for (size_t i = 0; i < b->in->departments.count; i++) {
		const struct in_department *d = &b->departments[i];

		refuse_group(b->r, &d->id);
		names_add(&b->department_names, &d->id, i);
		c->teams[c->team_count++] = (struct team_config){
		    .id = d->id.s, .name = d->name.v, .kind = TEAM_BLUE, .nop = d->nop.v == 1};
		build_posts(b, d);
		contacts_build(b->r, &d->mail, &b->out->contacts[i]);
	}
}

static void
build_red_teams(struct builder *b)
{
	struct drill_config *c = &b->out->config;

	for (size_t i = 0; i < b->in->red_teams.count; i++) {
		const struct in_red_team *t = &b->red_teams[i];
		long home = names_resolve(&b->department_names, b->r, "department", &t->department);

		refuse_group(b->r, &t->id);
		names_add(&b->red_team_names, &t->id, c->team_count);
		c->teams[c->team_count++] = (struct team_config){.id = t->id.s,
		    .name = t->name.v,
		    .kind = TEAM_RED,
		    .home = home >= 0 ? b->departments[home].id.s : NULL};
	}
}

/* Departments and red teams share one namespace: both are teams on the board. */
static void
build_teams(struct builder *b)
{
	size_t count = b->in->departments.count + b->in->red_teams.count;
	struct names teams;

	b->out->config.teams = arena_array(b->r->arena, count + 1, sizeof(struct team_config));
	b->out->contacts = arena_array(b->r->arena, count + 1, sizeof(*b->out->contacts));
	names_init(&b->department_names, "department", b->r->arena, count);
	names_init(&b->red_team_names, "red team", b->r->arena, count);
	names_init(&teams, "department or red team", b->r->arena, count);
	for (size_t i = 0; i < b->in->departments.count; i++)
		names_add(&teams, &b->departments[i].id, i);
	for (size_t i = 0; i < b->in->red_teams.count; i++)
		names_add(&teams, &b->red_teams[i].id, i);
	names_seal(&teams, b->r->mistakes);
	build_departments(b);
	names_sort(&b->department_names);
	build_red_teams(b);
	names_sort(&b->red_team_names);
	if (count > TEAMS_MAX)
		mistake_add(b->r->mistakes, b->in->red_teams.at,
		    "%zu departments and red teams; at most %d together", count, TEAMS_MAX);
}

/* ---- challenges ---- */

static void
dangling_challenge(
    struct builder *b, const struct text *id, enum err missing, const struct why *why)
{
	const char *dir = b->source->dir, **names;
	size_t count;

	if (mistakes_full(b->r->mistakes))
		return;
	if (missing == ERR_IO) {
		mistake_add(b->r->mistakes, id->at, "challenge: %s/%s/" CHALLENGE_FILE " %s", dir,
		    id->s, why->text);
		return;
	}
	count = folder_list(dir, CHALLENGE_FILE, b->r->arena, &names);
	mistake_add(b->r->mistakes, id->at, "challenge: there is no %s/%s/" CHALLENGE_FILE "; %s",
	    dir, id->s,
	    count > 0 ? choices(b->r->mistakes, id->s, names, count)
		      : "no challenge is there: --challenges DIR says where they are");
}

/* The challenge that a system names, loaded when it is first named; NULL if it is not to be had. */
static const struct challenge *
build_challenge(struct builder *b, const struct text *id)
{
	struct scenario *s = b->out;
	size_t i;

	if (id->s == NULL)
		return NULL;
	for (i = 0; i < s->challenge_count && strcmp(s->challenges[i].id, id->s) != 0; i++)
		;
	if (i == SERVICES_MAX) {
		mistake_add(b->r->mistakes, id->at, "challenge: more than %d of them in one drill",
		    SERVICES_MAX);
		return NULL;
	}
	if (i == s->challenge_count) {
		s->challenges[i].id = id->s;
		s->challenge_count++;
		b->challenge_errors[i] = challenge_load(b->source, id->s, s->config.tick_ms,
		    b->r->arena, &s->challenges[i], b->challenge_mistakes, &b->challenge_whys[i]);
	}
	if (b->challenge_errors[i] != ERR_OK && b->challenge_errors[i] != ERR_INVALID)
		dangling_challenge(b, id, b->challenge_errors[i], &b->challenge_whys[i]);
	return b->challenge_errors[i] == ERR_OK ? &s->challenges[i] : NULL;
}

/* ---- systems ---- */

/* The service's index, a new one when it is first named; -1 if there are too many. */
static long
build_service(struct builder *b, const struct in_system *in, const struct challenge *challenge)
{
	const struct text *id = in->service.at.line != 0 ? &in->service : &in->challenge;
	struct drill_config *c = &b->out->config;
	int weight = in->weight.good ? (int)in->weight.v : 1;
	size_t i;

	if (id->s == NULL)
		return -1;
	for (i = 0; i < c->service_count && strcmp(c->services[i].id, id->s) != 0; i++)
		;
	if (i == SERVICES_MAX) {
		mistake_add(b->r->mistakes, id->at, "service: more than %d of them in one drill",
		    SERVICES_MAX);
		return -1;
	}
	if (i == c->service_count)
		c->services[c->service_count++] = (struct service_config){
		    .id = id->s, .name = plain_name(id->s), .weight = weight};
	if (c->services[i].weight < weight)
		c->services[i].weight = weight;
	if (challenge != NULL && strcmp(id->s, in->challenge.s) == 0)
		c->services[i].name = challenge->title;
	return (long)i;
}

static void
check_one_per_service(
    struct builder *b, const struct in_system *in, size_t department, size_t service)
{
	const struct in_system **first = &b->owned[department * SERVICES_MAX + service];

	if (*first == NULL)
		*first = in;
	else
		mistake_add(b->r->mistakes, in->at,
		    "department \"%s\" already has a system of the service \"%s\" on line %d; add "
		    "`service: NAME` to tell them apart",
		    b->departments[department].id.s, b->out->config.services[service].id,
		    (*first)->at.line);
}

static void
build_address(struct builder *b, const struct in_system *in, const struct challenge *challenge,
    struct scenario_system *out)
{
	struct address address;
	struct why why;

	out->host = "";
	if (in->address.s == NULL)
		return;
	if (address_parse(in->address.s, &address, &why) != ERR_OK) {
		mistake_add(b->r->mistakes, in->address.at, "address: %s %s",
		    quoted(b->r->mistakes, in->address.s), why.text);
		return;
	}
	out->host = arena_strdup(b->r->arena, address.host);
	out->port = address.port != 0 ? address.port : challenge != NULL ? challenge->port : 0;
}

static const char *
build_in_charge(struct builder *b, const struct in_system *in, long department)
{
	const struct in_post *posts;
	struct names names;
	size_t count;

	if (in->in_charge.s == NULL || department < 0)
		return "";
	posts = b->departments[department].posts.items;
	count = b->departments[department].posts.count;
	for (size_t i = 0; i < count; i++)
		if (posts[i].id.s != NULL && strcmp(posts[i].id.s, in->in_charge.s) == 0)
			return posts[i].id.s;
	names_init(&names, "post of its department", b->r->arena, count);
	for (size_t i = 0; i < count; i++)
		names_add(&names, &posts[i].id, i);
	names_sort(&names);
	(void)names_resolve(&names, b->r, "in_charge", &in->in_charge);
	return "";
}

static void
build_system(struct builder *b, const struct in_system *in, size_t i)
{
	long department = names_resolve(&b->department_names, b->r, "department", &in->department);
	const struct challenge *challenge = build_challenge(b, &in->challenge);
	long service = build_service(b, in, challenge);
	struct scenario_system *where = &b->out->systems[i];

	if (department >= 0 && service >= 0)
		check_one_per_service(b, in, (size_t)department, (size_t)service);
	*where = (struct scenario_system){
	    .challenge = in->challenge.s, .incharge_post = build_in_charge(b, in, department)};
	build_address(b, in, challenge, where);
	b->out->config.systems[i] = (struct system_config){
	    .id = in->id.s,
	    .name = in->name.v,
	    .team = (uint16_t)(department >= 0 ? department : 0),
	    .service = (uint16_t)(service >= 0 ? service : 0),
	    .mlps = (uint8_t)in->mlps.v,
	    .slots = (uint8_t)(challenge != NULL ? challenge->slots : 1),
	    .weight = in->weight.good ? (int)in->weight.v : 1,
	};
}

static void
build_systems(struct builder *b)
{
	struct scenario *s = b->out;
	size_t count = b->in->systems.count;
	struct names names;

	names_init(&names, "system", b->r->arena, count);
	s->systems = arena_array(b->r->arena, count + 1, sizeof(*s->systems));
	s->config.systems = arena_array(b->r->arena, count + 1, sizeof(*s->config.systems));
	s->config.services = arena_array(b->r->arena, SERVICES_MAX, sizeof(*s->config.services));
	s->challenges = arena_array(b->r->arena, SERVICES_MAX, sizeof(*s->challenges));
	b->challenge_errors = arena_array(b->r->arena, SERVICES_MAX, sizeof(*b->challenge_errors));
	b->challenge_whys = arena_array(b->r->arena, SERVICES_MAX, sizeof(*b->challenge_whys));
	b->owned = arena_array(
	    b->r->arena, (b->in->departments.count + 1) * SERVICES_MAX, sizeof(*b->owned));
	for (size_t i = 0; i < count; i++) {
		names_add(&names, &b->systems[i].id, i);
		build_system(b, &b->systems[i], i);
	}
	s->config.system_count = count;
	names_seal(&names, b->r->mistakes);
}

/* ---- accounts ---- */

/* The account's team, which its role must have (given) or must not have (forbidden). */
static const char *
build_account_team(struct builder *b, const struct in_account *in, enum role role)
{
	struct reader *r = b->r;

	if (role != ROLE_BLUE && role != ROLE_JUDGE && in->department.at.line != 0)
		mistake_add(r->mistakes, in->department.at,
		    "department: an account of the role %s belongs to no department; leave it out "
		    "or make the role blue",
		    role_name(role));
	if (role != ROLE_RED && in->red_team.at.line != 0)
		mistake_add(r->mistakes, in->red_team.at,
		    "red_team: an account of the role %s belongs to no red team; leave it out or "
		    "make the "
		    "role red",
		    role_name(role));
	if (role == ROLE_BLUE && in->department.at.line == 0)
		mistake_add(r->mistakes, in->at,
		    "a blue account works for one department; add `department: ID`");
	if (role == ROLE_RED && in->red_team.at.line == 0)
		mistake_add(r->mistakes, in->at,
		    "a red account works for one red team; add `red_team: ID`");
	if ((role == ROLE_BLUE || role == ROLE_JUDGE) &&
	    names_resolve(&b->department_names, r, "department", &in->department) >= 0)
		return in->department.s;
	if (role == ROLE_RED &&
	    names_resolve(&b->red_team_names, r, "red_team", &in->red_team) >= 0)
		return in->red_team.s;
	return "";
}

static void
unknown_role(struct reader *r, const struct text *role)
{
	const char *names[ROLES_MAX];
	size_t count = 0;

	for (int bit = ROLE_BLUE; bit <= ROLE_ADMIN; bit <<= 1)
		names[count++] = role_name((enum role)bit);
	mistake_add(r->mistakes, role->at, "role: there is no role %s; %s",
	    quoted(r->mistakes, role->s), choices(r->mistakes, role->s, names, count));
}

static void
build_account(struct builder *b, const struct in_account *in)
{
	struct scenario_account *out = &b->out->accounts[b->out->account_count++];

	*out = (struct scenario_account){.id = in->id.s, .team = ""};
	refuse_reserved(b->r, &in->id, in->id.s != NULL && account_id_reserved(in->id.s),
	    "who acts where no account does");
	if (in->role.s == NULL)
		return;
	if (!role_parse(in->role.s, &out->role)) {
		unknown_role(b->r, &in->role);
		return;
	}
	out->team = build_account_team(b, in, out->role);
}

static void
build_accounts(struct builder *b)
{
	const struct in_account *accounts = b->in->accounts.items;
	size_t count = b->in->accounts.count;
	struct names names;

	names_init(&names, "account", b->r->arena, count);
	b->out->accounts = arena_array(b->r->arena, count + 1, sizeof(*b->out->accounts));
	for (size_t i = 0; i < count; i++) {
		names_add(&names, &accounts[i].id, i);
		build_account(b, &accounts[i]);
	}
	names_seal(&names, b->r->mistakes);
}

void
scenario_build(struct reader *r, const struct in_scenario *in,
    const struct challenge_source *source, struct scenario *out, struct buf *challenge_mistakes)
{
	struct builder b = {.r = r,
	    .in = in,
	    .source = source,
	    .out = out,
	    .challenge_mistakes = challenge_mistakes,
	    .departments = in->departments.items,
	    .red_teams = in->red_teams.items,
	    .systems = in->systems.items};

	drill_build(r, &in->drill, &out->config);
	build_teams(&b);
	build_systems(&b);
	build_accounts(&b);
	drill_build_scoring(r, &in->drill, &out->config);
	checkers_build(r, &in->checkers, &out->checkers);
	mail_build(r, &in->mail, &out->mail);
	kill_build(r, &in->kill, &out->kill);
	calendar_build(r, &in->calendar, &out->config.calendar);
	tickets_build(r, &in->tickets, &out->config.tickets);
	reports_build(r, &in->reports, &out->config.report_limits);
	rules_build(r, &in->rules, &in->systems, &out->config);
	results_build(r, &in->results, &out->config);
	injects_build(r, &in->injects, out);
	truth_config_build(r, &in->truth, &out->config.truth);
	out->config.rubric = rubrics_build(r, &in->rubrics);
}
