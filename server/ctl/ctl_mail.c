/*
 * drillctl mail: does the relay of this scenario take a mail from us?
 */
#include "api/relay.h"
#include "base/hash.h"
#include "base/time.h"
#include "core/mail_address.h"
#include "ctl/ctl.h"
#include "scenario/scenario.h"

#include <stdio.h>
#include <string.h>

#define CHALLENGES_DIR "challenges"
#define OUTPUT_MAX_BYTES (64u * 1024 * 1024)
#define TOKEN_BYTES 12

struct mail_options {
	const char *file;
	const char *to;
	const char *challenges;
};

struct trial_mail {
	struct loop *loop;
	struct smtp *smtp;
	struct smtp_result result;
};

static void
on_closed(void *ctx)
{
	(void)ctx; /* nothing is open any more: the loop ends */
}

static void
on_done(void *ctx, const struct smtp_result *r)
{
	struct trial_mail *t = ctx;

	t->result = *r;
	smtp_close(t->smtp, on_closed, NULL);
}

static enum err
begin(struct trial_mail *t, const struct scenario *s, const char *to, struct why *why)
{
	char token[4 * (TOKEN_BYTES + 2) / 3 + 1], id[MAIL_ADDRESS_MAX_BYTES + sizeof token + 16];
	struct mail_message m = {.from = s->mail.from,
	    .from_name = s->mail.from_name.zh,
	    .to = to,
	    .subject = "测试邮件 Test mail",
	    .text = "演练平台发出的测试邮件，无需回复。\n"
		    "A test mail of the drill's server; no answer is needed.\n",
	    .id = id,
	    .date_ms = time_wall_ms()};
	enum err e;

	random_token(TOKEN_BYTES, token);
	snprintf(id, sizeof id, "<test.%s@%s>", token, mail_address_host(m.from));
	(void)zone_offset(s->config.time_zone, m.date_ms, &m.offset_minutes);
	if ((e = relay_open(t->loop, &s->mail, 1, &t->smtp, why)) != ERR_OK)
		return e;
	if ((e = smtp_send(t->smtp, &m, on_done, t, why)) != ERR_OK)
		smtp_close(t->smtp, on_closed, NULL);
	return e;
}

static int
fail(const struct why *why)
{
	fprintf(stderr, "drillctl mail: %s\n", why->text);
	return EXIT_USAGE;
}

static int
tell(const struct scenario *s, const struct smtp_result *r, const char *to)
{
	if (r->outcome == SMTP_SENT) {
		printf("%s:%d took a mail for %s\n", s->mail.host, s->mail.port, to);
		return EXIT_HOLDS;
	}
	printf("%s:%d: not sent, %s: %s\n", s->mail.host, s->mail.port,
	    r->outcome == SMTP_REFUSED ? "and never will be" : "drilld would try again",
	    r->said.text);
	return EXIT_FAILS;
}

static int
send_one(const struct scenario *s, const char *to)
{
	struct trial_mail t = {.loop = NULL};
	struct why why;
	enum err e;

	if (s->mail.host == NULL) {
		fprintf(stderr, "drillctl mail: the scenario has no section `mail`\n");
		return EXIT_USAGE;
	}
	if (loop_open(&t.loop, &why) != ERR_OK)
		return fail(&why);
	e = begin(&t, s, to, &why);
	loop_run(t.loop);
	if (loop_close(t.loop) != ERR_OK)
		return EXIT_USAGE;
	return e == ERR_OK ? tell(s, &t.result, to) : fail(&why);
}

static int
mail(const struct mail_options *o)
{
	struct scenario scenario;
	struct buf mistakes;
	int code = EXIT_USAGE;

	buf_init(&mistakes, OUTPUT_MAX_BYTES);
	if (scenario_load(o->file, o->challenges, &scenario, &mistakes) == ERR_OK)
		code = send_one(&scenario, o->to);
	else
		fwrite(mistakes.data, 1, mistakes.len, stderr);
	scenario_free(&scenario);
	buf_free(&mistakes);
	return fflush(stdout) == 0 ? code : EXIT_USAGE;
}

static int
mail_run(int argc, char **argv)
{
	struct mail_options o = {.challenges = CHALLENGES_DIR};
	struct why why;

	for (int i = 1; i < argc; i++) {
		const char **value = strcmp(argv[i], "--challenges") == 0 ? &o.challenges
				     : strcmp(argv[i], "--to") == 0       ? &o.to
									  : NULL;

		if (value != NULL) {
			if (++i == argc)
				return command_usage(
				    &command_mail, "%s needs a value", argv[i - 1]);
			*value = argv[i];
		} else if (argv[i][0] == '-') {
			return command_usage(&command_mail, "no option \"%s\"", argv[i]);
		} else if (o.file != NULL) {
			return command_usage(&command_mail, "one FILE at a time");
		} else {
			o.file = argv[i];
		}
	}
	if (o.file == NULL || o.to == NULL)
		return command_usage(
		    &command_mail, o.file == NULL ? "which FILE?" : "--to which ADDRESS?");
	if (mail_address_check(o.to, &why) != ERR_OK)
		return command_usage(&command_mail, "--to: the address %s", why.text);
	return mail(&o);
}

const struct command command_mail = {
    .name = "mail",
    .usage = "mail FILE --to ADDRESS [--challenges DIR]",
    .help =
	"Sends one test mail the way drilld would: through the relay of the scenario's section\n"
	"`mail`, with the password from where that says. Try it before the drill.\n\n"
	"  --to ADDRESS       whom\n"
	"  --challenges DIR   where the challenges' folders are (default: challenges)\n\n"
	"Exit: 0 the relay took it, 1 it did not, 2 the scenario cannot be used or the password is "
	"not there.",
    .run = mail_run,
};
