/* warm_zygote.py as it stands, put into the program by the assembler. The Makefile knows of the dependency. */
#include "checker/warm_internal.h"

__asm__(".section .rodata\n"
	".global warm_source\n"
	"warm_source:\n"
	".incbin \"checker/warm_zygote.py\"\n"
	".byte 0\n"
	".previous\n");
