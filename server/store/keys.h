/*
 * The drill's secrets on disk: DIR/keys/sign.key (Ed25519, signs checkpoints) and DIR/keys/flag.key
 * (HMAC of flags), made on first use, mode 0600 in a directory of 0700, 64 hex digits and a newline
 * each.
 */
#ifndef DRILLD_STORE_KEYS_H
#define DRILLD_STORE_KEYS_H

#include "base/err.h"
#include "base/hash.h"
#include "core/flag.h"

struct keys {
	uint8_t sign_secret[SIGN_SECRET_BYTES];
	uint8_t sign_public[SIGN_PUBLIC_BYTES];
	uint8_t flag[FLAG_KEY_BYTES];
};

/*
 * Loads them, or makes them where create is true and the file is missing. Refuses files that others
 * may read. Making is durable (fsync of file and directory) before this returns.
 */
enum err keys_load(const char *dir, bool create, struct keys *out, struct why *why) MUST_CHECK;
void keys_wipe(struct keys *k);

#endif
