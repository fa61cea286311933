/*
 * The files of server/core/data as they stand, put into every program by the assembler: NUL-terminated UTF-8.
 * For the files of this folder that read them; the Makefile knows of the dependency.
 */
#ifndef DRILLD_CORE_EMBEDDED_H
#define DRILLD_CORE_EMBEDDED_H

extern const char embedded_gbt20986[]; /* gbt20986_2023.tsv */
extern const char embedded_plans[];    /* plans.json */

#endif
