#include "checker/warm.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* python, python3, python3.11 */
static bool
is_python(const char *name)
{
	name = base_name(name);
	return strncmp(name, "python", 6) == 0 && name[6 + strspn(name + 6, "0123456789.")] == '\0';
}

/* Whom the #! line of a file names: `#!/usr/bin/python3` or `#!/usr/bin/env python3`, without options. */
static bool
read_interpreter(const char *path, char *out, size_t size)
{
	char line[256], first[256], second[256], third[2];
	int fd = open(path, O_RDONLY | O_CLOEXEC), words;
	ssize_t n = fd >= 0 ? read(fd, line, sizeof line - 1) : -1;
	const char *name;

	if (fd >= 0)
		close(fd);
	if (n < 3 || memcmp(line, "#!", 2) != 0)
		return false;
	line[n] = '\0';
	if (memchr(line, '\n', (size_t)n) == NULL)
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	words = sscanf(line + 2, "%255s %255s %1s", first, second, third);
	if (words == 1 && is_python(first))
		name = first;
	else if (words == 2 && strcmp(base_name(first), "env") == 0 && is_python(second))
		name = second;
	else
		return false;
	return snprintf(out, size, "%s", name) < (int)size;
}

bool
warm_command(const char *const *argv, struct warm_command *out)
{
	if (argv[0] == NULL)
		return false;
	if (is_python(argv[0])) {
		/* An option of the interpreter would change what it is. */
		if (argv[1] == NULL || argv[1][0] != '/' ||
		    snprintf(out->interpreter, sizeof out->interpreter, "%s", argv[0]) >=
			(int)sizeof out->interpreter)
			return false;
		out->script = argv[1];
		out->args = argv + 2;
		return true;
	}
	out->script = argv[0];
	out->args = argv + 1;
	return argv[0][0] == '/' &&
	       read_interpreter(argv[0], out->interpreter, sizeof out->interpreter);
}
