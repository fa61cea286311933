#!/bin/sh
# Prints C that holds every file of the site folder, for builtin.h. usage: builtin.sh SITE_DIR
set -eu
site=$(cd "$1" && pwd)
echo '#include "builtin.h"'
n=0
table=""
for f in $(cd "$site" && find . -type f \( -name '*.html' -o -name '*.css' \) | LC_ALL=C sort); do
	name=${f#./}
	printf '__asm__(".section .rodata\\n.global builtin_%d\\nbuiltin_%d:\\n.incbin \\"%s\\"\\n' "$n" "$n" "$site/$name"
	printf '.global builtin_%d_end\\nbuiltin_%d_end:\\n.byte 0\\n.previous\\n");\n' "$n" "$n"
	printf 'extern const char builtin_%d[], builtin_%d_end[];\n' "$n" "$n"
	table="$table	{\"$name\", builtin_$n, builtin_${n}_end},
"
	n=$((n + 1))
done
printf 'const struct builtin builtins[] = {\n%s};\nconst size_t builtin_count = %d;\n' "$table" "$n"
