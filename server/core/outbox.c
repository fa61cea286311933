#include "core/outbox.h"
#include "base/json.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DELAY_MS 15000
#define LONGEST_DELAY_MS (15 * 60 * 1000)

static const char *const state_names[MAIL_STATE_COUNT] = {
    [MAIL_QUEUED] = "queued", [MAIL_SENT] = "sent", [MAIL_FAILED] = "failed"};

const char *
mail_state_name(enum mail_state s)
{
	return state_names[s];
}

static void
drop(const char **text)
{
	free((char *)*text);
	*text = NULL;
}

static void
replace(const char **text, const char *by)
{
	char *copy = mem_strdup(by);

	drop(text);
	*text = copy;
}

static void
mail_free(struct mail *m)
{
	drop(&m->to);
	drop(&m->subject);
	drop(&m->text);
	drop(&m->error);
	free(m);
}

void
outbox_free(struct outbox *o)
{
	for (size_t i = 0; i < o->count; i++)
		mail_free(o->mails[i]);
	free(o->mails);
	free(o->waiting);
	*o = (struct outbox){.count = 0};
}

/* ---- what may be queued ---- */

static bool
has_control(const char *s, const char *allowed)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < ' ' || *s == 0x7f) && strchr(allowed, *s) == NULL)
			return true;
	return false;
}

/*
 * What the fold must hold to, of old journals too: less than text_check (base/text.h), which whoever writes a text asks.
 */
static enum err
part_check(const char *what, const char *s, const char *allowed, size_t max, struct why *why)
{
	size_t len = strlen(s);

	if (len > max)
		return why_set(
		    why, ERR_LIMIT, "the mail's %s is %zu bytes long; at most %zu", what, len, max);
	if (!utf8_valid(s, len))
		return why_set(why, ERR_INVALID, "the mail's %s is not UTF-8", what);
	if (has_control(s, allowed))
		return why_set(why, ERR_INVALID, "the mail's %s has a control character%s", what,
		    *allowed == '\0' ? "; keep it on one line" : "");
	if (s[strspn(s, " \n\t")] == '\0')
		return why_set(why, ERR_INVALID, "the mail's %s is empty", what);
	return ERR_OK;
}

static enum err
room_check(const struct outbox *o, size_t n, size_t text_bytes, struct why *why)
{
	if (n > MAILS_MAX - o->count)
		return why_set(
		    why, ERR_LIMIT, "a drill has at most %d mails; this would be more", MAILS_MAX);
	if (n > MAILS_WAITING_MAX - o->waiting_count)
		return why_set(why, ERR_LIMIT,
		    "%zu mails wait already; at most %d: see why the relay does not take them",
		    o->waiting_count, MAILS_WAITING_MAX);
	if (n * text_bytes > MAILS_TEXT_MAX_BYTES - o->text_bytes)
		return why_set(why, ERR_LIMIT,
		    "the texts of mails that were not sent would be larger than %d MiB together",
		    MAILS_TEXT_MAX_BYTES >> 20);
	return ERR_OK;
}

enum err
outbox_may_add(const struct outbox *o, const char *to, const char *subject, const char *text,
    size_t n, struct why *why)
{
	struct why said;
	enum err e;

	if ((e = mail_address_check(to, &said)) != ERR_OK)
		return why_set(why, e, "the mail's address %s", said.text);
	if ((e = part_check("subject", subject, "", MAIL_SUBJECT_MAX_BYTES, why)) != ERR_OK ||
	    (e = part_check("text", text, "\n\t", MAIL_TEXT_MAX_BYTES, why)) != ERR_OK)
		return e;
	return room_check(o, n, strlen(text), why);
}

int32_t
outbox_next_number(const struct outbox *o)
{
	return (int32_t)o->count + 1;
}

/* ---- the mails and the queue ---- */

static struct mail *
find(const struct outbox *o, int32_t number)
{
	return number >= 1 && (size_t)number <= o->count ? o->mails[number - 1] : NULL;
}

const struct mail *
outbox_get(const struct outbox *o, int32_t number)
{
	return find(o, number);
}

/* The place in waiting of the first number that is not below. */
static size_t
waiting_place(const struct outbox *o, int32_t number)
{
	size_t low = 0, high = o->waiting_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (o->waiting[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
wait_for(struct outbox *o, struct mail *m)
{
	size_t at = waiting_place(o, m->number);

	if (o->waiting_count == o->waiting_room) {
		o->waiting_room = o->waiting_room == 0 ? 64 : o->waiting_room * 2;
		o->waiting = mem_resize(o->waiting, o->waiting_room, sizeof *o->waiting);
	}
	memmove(o->waiting + at + 1, o->waiting + at, (o->waiting_count - at) * sizeof *o->waiting);
	o->waiting[at] = m->number;
	o->waiting_count++;
	o->counts[MAIL_QUEUED]++;
	o->newest = m->seq;
	m->state = MAIL_QUEUED;
	m->attempts = 0;
}

static void
settle(struct outbox *o, struct mail *m, enum mail_state state, int64_t at_ms)
{
	size_t at = waiting_place(o, m->number);

	o->waiting_count--;
	memmove(o->waiting + at, o->waiting + at + 1, (o->waiting_count - at) * sizeof *o->waiting);
	o->counts[MAIL_QUEUED]--;
	o->counts[state]++;
	m->state = state;
	m->settled_ms = at_ms;
}

/* ---- what events do ---- */

enum err
outbox_add(struct outbox *o, int32_t number, uint64_t seq, int64_t at_ms, const char *to,
    const char *subject, const char *text, struct why *why)
{
	bool redacted = *to == '\0' && *subject == '\0' && *text == '\0';
	enum err e =
	    redacted ? room_check(o, 1, 0, why) : outbox_may_add(o, to, subject, text, 1, why);
	struct mail *m;

	if (e != ERR_OK)
		return e;
	if (number != outbox_next_number(o))
		return why_set(why, ERR_CONFLICT, "mail %" PRId32 " is not the next, %" PRId32,
		    number, outbox_next_number(o));
	if (o->count == o->room) {
		o->room = o->room == 0 ? 64 : o->room * 2;
		o->mails = mem_resize(o->mails, o->room, sizeof *o->mails);
	}
	m = o->mails[o->count++] = mem_alloc(sizeof *m);
	*m = (struct mail){.number = number,
	    .seq = seq,
	    .queued_ms = at_ms,
	    .next_ms = at_ms,
	    .to = mem_strdup(to),
	    .subject = mem_strdup(subject),
	    .text = mem_strdup(text),
	    .error = mem_strdup("")};
	o->text_bytes += strlen(text);
	wait_for(o, m);
	return ERR_OK;
}

/* The mail, if it is in that state. */
static enum err
expect(struct outbox *o, int32_t number, enum mail_state state, struct mail **out, struct why *why)
{
	if ((*out = find(o, number)) == NULL)
		return why_set(why, ERR_NOT_FOUND, "there is no mail %" PRId32, number);
	if ((*out)->state != state)
		return why_set(why, ERR_CONFLICT, "mail %" PRId32 " is %s, not %s", number,
		    mail_state_name((*out)->state), mail_state_name(state));
	return ERR_OK;
}

enum err
outbox_note_sent(struct outbox *o, int32_t number, int64_t at_ms, struct why *why)
{
	struct mail *m;
	enum err e = expect(o, number, MAIL_QUEUED, &m, why);

	if (e != ERR_OK)
		return e;
	m->attempts++;
	replace(&m->error, "");
	o->text_bytes -= strlen(m->text);
	replace(&m->text, ""); /* whoever had it sent has it; a drill's mails need no second copy */
	settle(o, m, MAIL_SENT, at_ms);
	return ERR_OK;
}

int64_t
outbox_delay_ms(int32_t attempt)
{
	int64_t ms = FIRST_DELAY_MS;

	for (int32_t i = 1; i < attempt && ms < LONGEST_DELAY_MS; i++)
		ms *= 2;
	return ms < LONGEST_DELAY_MS ? ms : LONGEST_DELAY_MS;
}

/* Cut where a character begins. */
static void
keep_error(struct mail *m, const char *error)
{
	size_t len = strnlen(error, MAIL_ERROR_MAX_BYTES + 1);
	char *text;

	if (len > MAIL_ERROR_MAX_BYTES)
		for (len = MAIL_ERROR_MAX_BYTES;
		     len > 0 && ((unsigned char)error[len] & 0xc0) == 0x80;)
			len--;
	text = mem_strndup(error, len);
	drop(&m->error);
	m->error = text;
}

enum err
outbox_note_failed(struct outbox *o, int32_t number, int64_t at_ms, bool permanent,
    const char *error, struct why *why)
{
	struct mail *m;
	enum err e = expect(o, number, MAIL_QUEUED, &m, why);

	if (e != ERR_OK)
		return e;
	m->attempts++;
	keep_error(m, error);
	if (permanent || m->attempts >= MAIL_ATTEMPTS_MAX)
		settle(o, m, MAIL_FAILED, at_ms);
	else
		m->next_ms = at_ms + outbox_delay_ms(m->attempts);
	return ERR_OK;
}

enum err
outbox_note_again(struct outbox *o, int32_t number, uint64_t seq, int64_t at_ms, struct why *why)
{
	struct mail *m;
	enum err e = expect(o, number, MAIL_FAILED, &m, why);

	if (e != ERR_OK)
		return e;
	if (o->waiting_count >= MAILS_WAITING_MAX)
		return why_set(why, ERR_LIMIT, "%zu mails wait already; at most %d",
		    o->waiting_count, MAILS_WAITING_MAX);
	o->counts[MAIL_FAILED]--;
	m->seq = seq;
	m->next_ms = at_ms;
	m->settled_ms = 0;
	wait_for(o, m);
	return ERR_OK;
}

/* ---- what the mailer asks ---- */

static bool
is_among(int32_t number, const int32_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return false;
}

const struct mail *
outbox_due(const struct outbox *o, int64_t now_ms, uint64_t durable, const int32_t *under_way,
    size_t under_way_count, int64_t *again_ms)
{
	const struct mail *first = NULL;

	*again_ms = INT64_MAX;
	for (size_t i = 0; i < o->waiting_count; i++) {
		const struct mail *m = find(o, o->waiting[i]);

		if (m->seq <= durable && *m->to != '\0' &&
		    (first == NULL || m->next_ms < first->next_ms) &&
		    !is_among(m->number, under_way, under_way_count))
			first = m;
	}
	if (first == NULL || first->next_ms <= now_ms)
		return first;
	*again_ms = first->next_ms;
	return NULL;
}

void
outbox_message_id(
    const struct mail *m, const char *drill_id, const char *host, char out[MAIL_ID_MAX_BYTES])
{
	snprintf(out, MAIL_ID_MAX_BYTES, "<%s.%" PRId32 ".%" PRId64 "@%s>", drill_id, m->number,
	    m->queued_ms, host);
}
