/*
 * Tables that say what a mapping of the file may hold, and the walker that reads a mapping by its table
 * into a C struct, naming every unknown, missing, doubled or ill-formed value on the way.
 *
 * Every value keeps its place as its first member; a place with line 0 means "was not given". A value
 * that was given but is wrong has its place and stays zero, so nothing is reported twice.
 */
#ifndef DRILLD_SCENARIO_FIELDS_H
#define DRILLD_SCENARIO_FIELDS_H

#include "base/arena.h"
#include "core/config.h"
#include "scenario/mistakes.h"
#include "scenario/yaml.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	struct place at;
	const char *s; /* NULL: not given, or wrong */
};

struct number {
	struct place at;
	int64_t v; /* of a KIND_BOOL 0 or 1, of a KIND_DURATION or KIND_MOMENT milliseconds */
	bool good;
};

struct name {
	struct place at;
	struct i18n v;
};

struct list {
	struct place at;
	void *items; /* records, each beginning with its struct place */
	size_t count;
};

struct node {
	struct place at;
	yaml_node_t *node;
};

enum kind {
	KIND_TEXT,     /* struct text: one line, min..max bytes, not blank */
	KIND_RAW,      /* struct text: anything without NUL, min..max bytes */
	KIND_ID,       /* struct text: [a-z0-9][a-z0-9-]*, at most ID_MAX_BYTES */
	KIND_NAME,     /* struct name: a text or {zh, en} */
	KIND_INT,      /* struct number, min..max */
	KIND_BOOL,     /* struct number */
	KIND_DURATION, /* struct number, milliseconds, min..max */
	KIND_MOMENT,   /* struct number, milliseconds since 1970 */
	KIND_RECORD,   /* a struct that begins with struct place, read by .record */
	KIND_LIST,     /* struct list of min..max records */
	KIND_NODE,     /* struct node: the reader's caller looks into it */
};

enum presence {
	OPTIONAL,
	REQUIRED,
	ONE_OF,      /* exactly one of the record's ONE_OF fields */
	AT_MOST_ONE, /* none or one of the record's AT_MOST_ONE fields */
};

struct field {
	const char *key;
	enum kind kind;
	enum presence presence;
	size_t offset;
	int64_t min, max;
	const struct record *record;
};

struct record {
	const char *what; /* "a department": for messages */
	const struct field *fields;
	size_t field_count;
	size_t bytes;
};

#define RECORD(type, name, fields_)                                                                \
	{                                                                                          \
		name, fields_, sizeof(fields_) / sizeof((fields_)[0]), sizeof(type)                \
	}

struct reader {
	struct yaml_tree *tree;
	struct mistakes *mistakes;
	struct arena *arena; /* what the values point to */
};

/* Reads a mapping into out (zeroed, record->bytes). False if it is no mapping; out->at is set. */
bool record_read(struct reader *r, yaml_node_t *node, const struct record *record, void *out);

/* One value by its field; out points at the value, not at the record. */
void field_read(struct reader *r, yaml_node_t *node, const struct field *f, void *out);

/*
 * The entries of a mapping with free keys, at most max, without those whose key is wrong or there twice.
 * False, and none, after saying that it is no such mapping.
 */
struct pair {
	struct text key;
	yaml_node_t *value;
};
bool pairs_read(struct reader *r, yaml_node_t *node, const char *what, size_t max,
    struct pair **out, size_t *count);

/* The entries of a list of min..max values, whatever they are. */
bool entries_read(struct reader *r, yaml_node_t *node, const char *what, size_t min, size_t max,
    yaml_node_t ***out, size_t *count);

#endif
