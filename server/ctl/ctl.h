/*
 * drillctl's commands: one file each, whose record is its documentation.
 */
#ifndef DRILLD_CTL_CTL_H
#define DRILLD_CTL_CTL_H

struct command {
	const char *name;
	const char *usage; /* one line, after "drillctl ": `check FILE [--challenges DIR]` */
	const char *help;  /* what it does, what it prints, its exit codes; may span lines */
	int (*run)(
	    int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
};

/* Exit codes of every command. */
#define EXIT_HOLDS 0 /* done, and what was asked holds */
#define EXIT_FAILS 1 /* done, and it does not hold (mistakes, damage, refused) */
#define EXIT_USAGE 2 /* the command line is wrong, or the thing named cannot be read */

/* Prints "drillctl NAME: TEXT" and the usage on stderr; returns EXIT_USAGE. */
int command_usage(const struct command *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The table in ctl.c. */
extern const struct command command_check;
extern const struct command command_mail;
extern const struct command command_score;
extern const struct command command_events;
extern const struct command command_verify;
extern const struct command command_program;
extern const struct command command_probe;
extern const struct command command_preflight;
extern const struct command command_status;
extern const struct command command_clock;
extern const struct command command_kill;
extern const struct command command_hold;
extern const struct command command_void;
extern const struct command command_history;
extern const struct command command_retest;
extern const struct command command_accounts;
extern const struct command command_passwords;
extern const struct command command_token;

#endif
