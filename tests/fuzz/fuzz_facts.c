/*
 * Fuzzes the facts file: whatever is read is scored, and what comes out is JSON again.
 */
#include "base/json.h"
#include "core/facts.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct facts *facts;
	struct json_t *result;
	struct buf out;
	struct why why;

	if (facts_read((const char *)data, size, &facts, &why) != ERR_OK)
		return 0;
	buf_init(&out, FACTS_RESULT_MAX_BYTES);
	if (facts_score(facts, &policy_faust, NULL, 0, &out, &why) != ERR_OK ||
	    jr_parse(out.data, out.len, &result, &why) != ERR_OK)
		abort();
	jr_free(result);
	buf_free(&out);
	facts_free(facts);
	return 0;
}
