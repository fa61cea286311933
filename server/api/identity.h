/*
 * Who asks, by bearer token, team token or session cookie, and whether the route is for them. Called by api.c
 * for every request, on the loop's thread.
 */
#ifndef DRILLD_API_IDENTITY_H
#define DRILLD_API_IDENTITY_H

#include "api/route.h"

/* Fills in account, session, role and team from the exchange's headers; nobody is ROLE_PUBLIC. */
void identity_find(struct request *r);

/* ERR_UNAUTHORIZED or ERR_FORBIDDEN with why unless the request's route is for who was found. */
enum err identity_authorize(struct request *r) MUST_CHECK;

/* The body has come, perhaps long after the headers: looks again, for a session may have ended meanwhile,
 * or a token been replaced. So does whoever answers much later than it was asked. */
enum err identity_still_holds(struct request *r) MUST_CHECK;

#endif
