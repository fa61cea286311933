#include "core/embedded.h"

#define EMBED(name, file)                                                                          \
	__asm__(".section .rodata\n"                                                               \
		".global " #name "\n" #name ":\n"                                                  \
		".incbin \"server/core/data/" file "\"\n"                                          \
		".byte 0\n"                                                                        \
		".previous\n")

EMBED(embedded_gbt20986, "gbt20986_2023.tsv");
EMBED(embedded_plans, "plans.json");
