/* What Prometheus reads: where a value falls in a histogram, and the text to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the ones above first */
#include <cmocka.h>

#include "base/metric.h"
#include "base/process.h"
#include "base/time.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double bounds[] = {0.5, 1, 2};

static int
setup(void **state)
{
	struct metric_text *t = calloc(1, sizeof *t);

	t->out = calloc(1, sizeof *t->out);
	buf_init(t->out, 65536);
	*state = t;
	return 0;
}

static int
teardown(void **state)
{
	struct metric_text *t = *state;

	buf_free(t->out);
	free(t->out);
	free(t);
	return 0;
}

static void
expect(struct metric_text *t, const char *text)
{
	assert_int_equal(buf_err(t->out), ERR_OK);
	assert_string_equal(t->out->data, text);
	buf_reset(t->out);
}

/* ---- histograms ---- */

/* "le" is "less or equal": a bound belongs to its own bucket, what is above all bounds to +Inf. */
static void
test_a_bound_is_in_its_own_bucket(void **state)
{
	struct histogram h;

	(void)state;
	HISTOGRAM_INIT(&h, bounds);
	assert_int_equal(histogram_count(&h), 0);
	histogram_add(&h, 0.5);
	histogram_add(&h, nextafter(0.5, 1));
	histogram_add(&h, 1);
	histogram_add(&h, 2);
	histogram_add(&h, nextafter(2, 3));
	histogram_add(&h, INFINITY);
	assert_int_equal(h.counts[0], 1);
	assert_int_equal(h.counts[1], 2);
	assert_int_equal(h.counts[2], 1);
	assert_int_equal(h.counts[3], 2);
	assert_int_equal(histogram_count(&h), 6);
}

/* A sum that fell would look like a restart to Prometheus. */
static void
test_the_sum_never_falls(void **state)
{
	struct histogram h;

	(void)state;
	HISTOGRAM_INIT(&h, bounds);
	histogram_add(&h, 1.5);
	histogram_add(&h, -7);
	histogram_add(&h, NAN);
	assert_true(h.sum == 1.5);
	assert_int_equal(h.counts[0], 2);
	assert_int_equal(histogram_count(&h), 3);
}

static void
test_too_many_bounds_are_cut_off(void **state)
{
	double many[HISTOGRAM_BOUNDS_MAX + 4];
	struct histogram h;

	(void)state;
	for (int i = 0; i < HISTOGRAM_BOUNDS_MAX + 4; i++)
		many[i] = i;
	HISTOGRAM_INIT(&h, many);
	histogram_add(&h, HISTOGRAM_BOUNDS_MAX + 2);
	assert_int_equal(h.counts[HISTOGRAM_BOUNDS_MAX], 1);
}

static void
test_buckets_are_written_summed_up(void **state)
{
	struct metric_text *t = *state;
	struct histogram h;

	HISTOGRAM_INIT(&h, bounds);
	for (int i = 0; i < 3; i++)
		histogram_add(&h, 0.25);
	histogram_add(&h, 2);
	histogram_add(&h, 100);
	metric_family(t, "x_seconds", METRIC_HISTOGRAM, "Time.");
	metric_histogram(t, LABELS({"a", "b"}), &h);
	metric_histogram(t, NULL, &h);
	expect(t, "# HELP x_seconds Time.\n"
		  "# TYPE x_seconds histogram\n"
		  "x_seconds_bucket{a=\"b\",le=\"0.5\"} 3\n"
		  "x_seconds_bucket{a=\"b\",le=\"1\"} 3\n"
		  "x_seconds_bucket{a=\"b\",le=\"2\"} 4\n"
		  "x_seconds_bucket{a=\"b\",le=\"+Inf\"} 5\n"
		  "x_seconds_sum{a=\"b\"} 102.75\n"
		  "x_seconds_count{a=\"b\"} 5\n"
		  "x_seconds_bucket{le=\"0.5\"} 3\n"
		  "x_seconds_bucket{le=\"1\"} 3\n"
		  "x_seconds_bucket{le=\"2\"} 4\n"
		  "x_seconds_bucket{le=\"+Inf\"} 5\n"
		  "x_seconds_sum 102.75\n"
		  "x_seconds_count 5\n");
}

/* ---- the text ---- */

static void
test_families_of_one_series(void **state)
{
	struct metric_text *t = *state;

	metric_gauge(t, "g", "A gauge.", -1);
	metric_counter(t, "c_total", "A counter.", UINT64_MAX);
	expect(t, "# HELP g A gauge.\n# TYPE g gauge\ng -1\n"
		  "# HELP c_total A counter.\n# TYPE c_total counter\nc_total "
		  "18446744073709551615\n");
}

/* Nothing in a value can end its label, its line or the help. */
static void
test_labels_and_help_are_escaped(void **state)
{
	struct metric_text *t = *state;

	metric_family(t, "x", METRIC_GAUGE, "a \"b\" \\ c\nd");
	metric_value(t, LABELS({"l", "a\"b\\c\nd"}, {"zh", "\u6f14\u7ec3"}), 1);
	metric_count(t, LABELS({"l", ""}), 2);
	expect(t, "# HELP x a \"b\" \\\\ c\\nd\n# TYPE x gauge\n"
		  "x{l=\"a\\\"b\\\\c\\nd\",zh=\"\u6f14\u7ec3\"} 1\n"
		  "x{l=\"\"} 2\n");
}

static void
test_numbers_are_short_and_exact(void **state)
{
	static const double numbers[] = {0, 1, 0.1, 0.00025, 1e15, 1795613360.25, 1.0 / 3, 5e-324,
	    1.7976931348623157e308, 0.1 + 0.2};
	struct metric_text *t = *state;

	metric_gauge(t, "x", "h", 0.1);
	metric_value(t, NULL, INFINITY);
	metric_value(t, NULL, -INFINITY);
	metric_value(t, NULL, NAN);
	expect(t, "# HELP x h\n# TYPE x gauge\nx 0.1\nx +Inf\nx -Inf\nx NaN\n");
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		metric_value(t, NULL, numbers[i]);
		assert_true(strtod(t->out->data + 2, NULL) == numbers[i]);
		buf_reset(t->out);
	}
}

/* A text that does not fit is none: nobody gets half of one. */
static void
test_a_full_buffer_is_an_error(void **state)
{
	struct metric_text *t = *state;

	t->out->max_bytes = 100;
	for (int i = 0; i < 10; i++)
		metric_gauge(t, "some_name", "help", i);
	assert_int_equal(buf_err(t->out), ERR_LIMIT);
}

/* ---- the process ---- */

static void
test_the_process_knows_itself(void **state)
{
	struct process_usage before, after;
	double now = (double)time_wall_ms() / 1e3;
	int fds[3];

	(void)state;
	assert_true(process_usage(&before));
	for (int i = 0; i < 3; i++)
		assert_true((fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
	assert_true(process_usage(&after));
	assert_int_equal(after.open_fds, before.open_fds + 3);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	assert_true(after.max_fds >= after.open_fds);
	assert_in_range(after.resident_bytes, 100 * 1024, after.virtual_bytes);
	assert_true(after.cpu_seconds >= before.cpu_seconds && after.cpu_seconds < 60);
	assert_true(process_start_seconds() <= now + 0.1);
	assert_true(process_start_seconds() > now - 120);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(test_a_bound_is_in_its_own_bucket),
	    T(test_the_sum_never_falls),
	    T(test_too_many_bounds_are_cut_off),
	    T(test_buckets_are_written_summed_up),
	    T(test_families_of_one_series),
	    T(test_labels_and_help_are_escaped),
	    T(test_numbers_are_short_and_exact),
	    T(test_a_full_buffer_is_an_error),
	    T(test_the_process_knows_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
