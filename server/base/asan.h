/* UNDER_ASAN: 1 in a build with AddressSanitizer, by gcc or clang, else 0. */
#ifndef DRILLD_BASE_ASAN_H
#define DRILLD_BASE_ASAN_H

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

#endif
