/*
 * The libuv loop behind net/loop.h, for the other files of this floor only.
 */
#ifndef DRILLD_NET_LOOP_UV_H
#define DRILLD_NET_LOOP_UV_H

#include "net/loop.h"
#include <uv.h>

uv_loop_t *loop_uv(struct loop *l);

#endif
