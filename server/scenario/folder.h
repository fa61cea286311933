/*
 * Texts of files in a challenge's folder, such as a certificate, that become part of the compiled program. Private to
 * this floor; not thread safe.
 */
#ifndef DRILLD_SCENARIO_FOLDER_H
#define DRILLD_SCENARIO_FOLDER_H

#include "scenario/steps.h"

/*
 * The file's text, in the reader's arena; NULL after a mistake that begins with what. A path is relative and stays in
 * the folder. Without a folder (the fuzzer) the path itself.
 */
const char *folder_text(struct section *s, const char *what, const struct text *file, size_t max);

#endif
