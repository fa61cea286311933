/*
 * YAML text -> libyaml's document tree, for the readers of scenario.yaml and challenge.yaml.
 *
 * Accepts one UTF-8 document without anchors, aliases and tags, so that a file means what it shows and no
 * few bytes grow into gigabytes; nesting and the number of nodes are bounded. What is refused is named
 * with its place. Not thread safe. Only this floor includes yaml.h.
 */
#ifndef DRILLD_SCENARIO_YAML_H
#define DRILLD_SCENARIO_YAML_H

#include "scenario/mistakes.h"
#include <yaml.h>

#define YAML_DEPTH_MAX 24 /* under JSON_DEPTH_MAX: a `json` body becomes JSON */
#define YAML_NODES_MAX 600000

struct yaml_tree {
	yaml_document_t document;
	yaml_node_t *root;
};

/* ERR_INVALID after naming what is wrong. tree_free only after ERR_OK. */
enum err tree_load(
    struct yaml_tree *t, const char *text, size_t len, struct mistakes *m) MUST_CHECK;
void tree_free(struct yaml_tree *t);

yaml_node_t *tree_node(struct yaml_tree *t, int index);
struct place node_place(const yaml_node_t *node);

/* A scalar's text, without any NUL inside, or NULL for another kind. */
const char *node_scalar(const yaml_node_t *node);
/* A scalar without quotes: only these are numbers, true, false, null. */
bool node_plain(const yaml_node_t *node);
/* Nothing after the colon, or null. */
bool node_empty(const yaml_node_t *node);
/* "a mapping", "a list", "nothing", or the quoted text. */
const char *node_found(struct mistakes *m, const yaml_node_t *node);

#endif
