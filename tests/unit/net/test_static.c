#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "net/static.h"

#define FILE_AT(path)                                                                              \
	{                                                                                          \
		path, "text/plain", NULL, NULL, "\"e\"", false                                     \
	}

const struct asset assets[] = {
    FILE_AT("/index.html"),
    FILE_AT("/assets/app-1a2b.js"),
    FILE_AT("/api/v1/openapi.json"),
};
const size_t asset_count = 3;

static void
files_are_found_by_their_exact_path(void **state)
{
	(void)state;
	assert_ptr_equal(asset_find("/index.html"), &assets[0]);
	assert_ptr_equal(asset_find("/assets/app-1a2b.js"), &assets[1]);
	assert_ptr_equal(asset_find("/api/v1/openapi.json"), &assets[2]);
	assert_null(asset_find("/assets/app-1a2b.js.map"));
	assert_null(asset_find("/assets/../index.html"));
	assert_null(asset_find("/favicon.ico"));
}

static void
pages_of_the_app_are_the_index(void **state)
{
	static const char *const pages[] = {"/", "/login", "/teams/3", "/apiary"};

	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		assert_ptr_equal(asset_find(pages[i]), &assets[0]);
}

static void
nothing_under_api_is_a_page(void **state)
{
	static const char *const paths[] = {"/api", "/api/", "/api/v1/board", "", "login"};

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		assert_null(asset_find(paths[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_are_found_by_their_exact_path),
	    cmocka_unit_test(pages_of_the_app_are_the_index),
	    cmocka_unit_test(nothing_under_api_is_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
