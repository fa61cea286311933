/*
 * The classes of incidents of GB/T 20986-2023: 10 classes, 76 subclasses, each subclass with a code of four
 * digits whose first two are its class.
 *
 * For the fold, the routes and the page's lists. The table is read once, at the first question, from
 * server/core/data/gbt20986_2023.tsv, which the program carries; nothing is to be freed. Thread safe. The
 * Chinese names are the standard's; the English ones are this project's.
 */
#ifndef DRILLD_CORE_INCIDENT_CLASS_H
#define DRILLD_CORE_INCIDENT_CLASS_H

#include "base/arena.h"
#include "base/err.h"
#include "core/config.h"
#include <stddef.h>

#define INCIDENT_CODE_BYTES 4
#define INCIDENT_CLASSES_MAX 256

struct incident_class {
	const char *code;  /* "0107" */
	const char *group; /* "malware": the class, shared by its subclasses */
	struct i18n group_name;
	const char *id; /* "ransomware": once in its class */
	struct i18n name;
};

/* All subclasses in the order of their codes. */
const struct incident_class *incident_classes(size_t *count);

/* By code, or NULL. */
const struct incident_class *incident_class_find(const char *code);

/*
 * The table of a TSV text with a head line, into the arena: what incident_classes reads. Refuses, with the line,
 * what is not seven filled cells, a code that is not four digits or does not rise, a class with two names.
 */
enum err incident_classes_parse(const char *text, struct arena *arena,
    const struct incident_class **out, size_t *count, struct why *why) MUST_CHECK;

#endif
