#include "api/routes.h"

/* The hot one first: the table is searched in order. */
const struct route *const routes[] = {
    &route_flags_post,
    &route_forcad_flags_slash,
    &route_forcad_flags,
    &route_board_get,
    &route_systems_get,
    &route_health_get,
    &route_metrics_get,
    &route_session_post,
    &route_session_get,
    &route_session_delete,
    &route_accounts_get,
    &route_accounts_post,
    &route_account_password_post,
    &route_account_token_post,
    &route_clock_post,
    &route_holds_get,
    &route_holds_post,
    &route_hold_delete,
    &route_voids_get,
    &route_voids_post,
    &route_void_get,
    &route_void_post,
    &route_system_checks_get,
    NULL,
};
