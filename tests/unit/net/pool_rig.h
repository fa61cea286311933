/* For tests of what waits for the pool: all its threads are kept busy until they are let go. */
#ifndef TESTS_UNIT_NET_POOL_RIG_H
#define TESTS_UNIT_NET_POOL_RIG_H

#include "rig.h"

#define POOL 4 /* threads that libuv has unless it is told otherwise */

static sem_t pool_held;

static void
pool_wait(void *ctx)
{
	(void)ctx;
	sem_wait(&pool_held);
}

static void
pool_waited(void *ctx)
{
	(void)ctx;
}

static void
job_hold(struct rig *r, void *ctx)
{
	(void)ctx;
	for (int i = 0; i < POOL; i++)
		assert_int_equal(loop_work(r->loop, pool_wait, pool_waited, NULL), ERR_OK);
}

static void
pool_hold(struct rig *r)
{
	sem_init(&pool_held, 0, 0);
	rig_run(r, job_hold, NULL);
}

/* On any thread; once for each pool_hold. */
static void
pool_let_go(void)
{
	for (int i = 0; i < POOL; i++)
		sem_post(&pool_held);
}

#endif
