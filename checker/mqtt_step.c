/* The action mqtt (3.1.1, QoS 0): publish a message, or subscribe and wait for one. */
#include "base/mem.h"
#include "checker/curl_step.h"

#include <stdlib.h>
#include <string.h>

struct mqtt_plan {
	struct curl_plan curl;
	bool publish;
	struct template topic;
	struct payload message; /* publish */
	struct
	    template until; /* subscribe: what the message waited for contains; source NULL: the first */
};

/* What has come of the present message, and what it must contain. */
struct inbox {
	struct curl_talk *talk;
	struct buf packet;
	struct buf until;
};

/* ---- reading ---- */

static enum err
read_publish(struct reading *r, const struct json_t *o, struct mqtt_plan *out)
{
	static const char *const keys[] = {"topic", "content", "hex", NULL};
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = curl_plan_text(r, o, "topic", true, &out->topic)) != ERR_OK)
		return e;
	return payload_read(r, o, &out->message);
}

static enum err
read_subscribe(struct reading *r, const struct json_t *o, struct mqtt_plan *out)
{
	static const char *const keys[] = {"topic", "until", NULL};
	enum err e;

	if ((e = jr_only_keys(o, keys, r->why)) != ERR_OK ||
	    (e = curl_plan_text(r, o, "topic", true, &out->topic)) != ERR_OK)
		return e;
	if (jr_get(o, "until") == NULL)
		return ERR_OK;
	return reading_template(r, jr_get(o, "until"), "\"until\"", &out->until);
}

static enum err
mqtt_read(struct reading *r, const struct json_t *o, struct step *out)
{
	static const char *const keys[] = {"port", "login", "fails", "publish", "subscribe", NULL};
	struct mqtt_plan *plan = arena_alloc(&r->program->arena, sizeof *plan);
	const struct json_t *publish = jr_get(o, "publish"), *subscribe = jr_get(o, "subscribe");
	enum err e = curl_plan_read(r, o, keys, &plan->curl, out);

	if (e != ERR_OK)
		return e;
	if (jr_is_object(publish) == jr_is_object(subscribe))
		return why_set(
		    r->why, ERR_INVALID, "either \"publish\" or \"subscribe\" is an object");
	plan->publish = publish != NULL;
	return plan->publish ? read_publish(r, publish, plan) : read_subscribe(r, subscribe, plan);
}

/* ---- subscribe ---- */

/* A packet without its head: the topic's length and the topic, then the message. */
static bool
take_message(struct inbox *in)
{
	const struct buf *p = &in->packet;
	struct buf *body = &in->talk->answer.body;
	size_t topic;

	if (p->len < 2)
		return false;
	topic = 2 + ((size_t)(unsigned char)p->data[0] << 8 | (unsigned char)p->data[1]);
	if (topic > p->len)
		return false;
	if (in->until.len > 0 &&
	    memmem(p->data + topic, p->len - topic, in->until.data, in->until.len) == NULL)
		return false;
	buf_reset(body);
	buf_put(body, p->data + topic, p->len - topic);
	return true;
}

/* libcurl would go on for ever: the message waited for ends it. */
static size_t
on_packet(char *data, size_t one, size_t len, void *inbox)
{
	struct inbox *in = inbox;
	curl_off_t size = -1;

	(void)one;
	buf_put(&in->packet, data, len);
	if (in->packet.failed) {
		in->talk->client.over = "the message is longer than " BODY_MAX_TEXT;
		return 0;
	}
	curl_easy_getinfo(in->talk->client.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
	if (size < 0 || (curl_off_t)in->packet.len < size)
		return len;
	in->talk->enough = take_message(in);
	buf_reset(&in->packet);
	return in->talk->enough ? 0 : len;
}

static void
inbox_free(void *inbox)
{
	struct inbox *in = inbox;

	buf_free(&in->packet);
	buf_free(&in->until);
	free(in);
}

static enum err
set_subscribe(struct curl_talk *t, const struct mqtt_plan *plan, struct why *why)
{
	struct inbox *in = mem_alloc(sizeof *in);

	in->talk = t;
	buf_init(&in->packet, BODY_MAX_BYTES);
	buf_init(&in->until, ARGUMENT_MAX_BYTES);
	t->more = in;
	t->release = inbox_free;
	curl_easy_setopt(t->client.easy, CURLOPT_WRITEFUNCTION, on_packet);
	curl_easy_setopt(t->client.easy, CURLOPT_WRITEDATA, in);
	return template_render(&plan->until, t->x->vars, ESCAPE_NONE, &in->until, why);
}

/* ---- the action ---- */

static enum err
set_publish(struct curl_talk *t, const struct mqtt_plan *plan, struct why *why)
{
	enum err e = payload_render(&plan->message, t->x->vars, &t->sending, why);

	if (e != ERR_OK)
		return e;
	curl_easy_setopt(t->client.easy, CURLOPT_POST, 1L);
	curl_easy_setopt(t->client.easy, CURLOPT_POSTFIELDSIZE, (long)t->sending.len);
	curl_easy_setopt(
	    t->client.easy, CURLOPT_POSTFIELDS, t->sending.data != NULL ? t->sending.data : "");
	return ERR_OK;
}

static enum err
mqtt_prepare(struct curl_talk *t, struct buf *url, struct why *why)
{
	const struct mqtt_plan *plan = (const struct mqtt_plan *)t->plan;
	enum err e;

	buf_putc(url, '/');
	if ((e = curl_talk_url(t, &plan->topic, "/", url, why)) != ERR_OK)
		return e;
	return plan->publish ? set_publish(t, plan, why) : set_subscribe(t, plan, why);
}

static void
mqtt_describe(const struct step *step, struct buf *out)
{
	const struct mqtt_plan *plan = step->plan;

	buf_printf(out, "%s %.200s", plan->publish ? "publish" : "subscribe", plan->topic.source);
}

static const struct curl_kind mqtt_publish = {
    .protocol = "MQTT", .scheme = "mqtt", .scheme_tls = "mqtt", .prepare = mqtt_prepare};
static const struct curl_kind mqtt_subscribe = {.protocol = "MQTT",
    .scheme = "mqtt",
    .scheme_tls = "mqtt",
    .waits = true,
    .prepare = mqtt_prepare};

static enum err
mqtt_start(struct exchange *x, struct outcome *o)
{
	const struct mqtt_plan *plan = x->step->plan;

	return curl_talk_start(x, plan->publish ? &mqtt_publish : &mqtt_subscribe, o);
}

const struct action action_mqtt = {.name = "mqtt",
    .read = mqtt_read,
    .start = mqtt_start,
    .cancel = curl_talk_cancel,
    .describe = mqtt_describe};
