#include "core/role.h"

#include <stddef.h>
#include <string.h>

static const struct {
	enum role role;
	const char *name;
} roles[] = {
    {ROLE_PUBLIC, "public"},
    {ROLE_BLUE, "blue"},
    {ROLE_RED, "red"},
    {ROLE_JUDGE, "judge"},
    {ROLE_DIRECTOR, "director"},
    {ROLE_LEADER, "leader"},
    {ROLE_ADMIN, "admin"},
};

const char *
role_name(enum role r)
{
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (roles[i].role == r)
			return roles[i].name;
	return "?";
}

bool
role_parse(const char *name, enum role *out)
{
	for (size_t i = 1; i < sizeof roles / sizeof roles[0]; i++)
		if (strcmp(roles[i].name, name) == 0) {
			*out = roles[i].role;
			return true;
		}
	return false;
}
