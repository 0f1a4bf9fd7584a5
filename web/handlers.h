/* handlers.h - the handlers behind the routes: api_*.c and page_*.c.
 *
 * Each reads its parameters from the call and fills the response; what is wrong becomes a
 * problem (web/http.h). Threads: as in web/call.h.
 */
#ifndef WEB_HANDLERS_H
#define WEB_HANDLERS_H

#include "web/routes.h"

/* api_system.c */
route_handler api_health;
route_handler api_ready;
route_handler api_site;
route_handler api_index;
/* api_metrics.c */
route_handler api_metrics;
/* api_equipment.c */
route_handler api_equipment_list;
route_handler api_equipment;
/* api_settings.c */
route_handler api_equipment_settings;
route_handler api_profiles;
/* api_link_tools.c */
route_handler api_link_read;
route_handler api_link_trace;
/* api_link_scan.c */
route_handler api_link_scan;
route_handler api_link_scan_start;
route_handler api_link_scan_stop;
/* api_tools.c */
route_handler api_probe;
route_handler api_reload;
route_handler api_reload_report;
/* api_links.c */
route_handler api_link_list;
route_handler api_link;
/* api_history.c */
route_handler api_history;
/* api_issues.c */
route_handler api_issue_list;
route_handler api_issue;
/* api_issue_post.c */
route_handler api_issue_open;
route_handler api_issue_act;
/* api_alarms.c */
route_handler api_alarm_list;
route_handler api_announcements;
/* api_shelves.c */
route_handler api_shelf_list;
route_handler api_shelf_put;
route_handler api_shelf_end;
/* api_permits.c */
route_handler api_permit_list;
route_handler api_permit_issue;
route_handler api_permit_close;
/* api_rules.c */
route_handler api_rules;
route_handler api_explain;
/* api_report.c */
route_handler api_failure_rate;

/* page_*.c */
route_handler page_board;
route_handler page_equipment;
route_handler page_issues;
route_handler page_issue;
route_handler page_issue_new;
route_handler page_issue_open; /* the form's POST */
route_handler page_issue_act;
route_handler page_shelve; /* the form of an issue's page */
route_handler page_unshelve;
route_handler page_permits;
route_handler page_permit_issue;
route_handler page_permit_close;
route_handler page_report;
route_handler page_diagnostics;
route_handler page_link;
/* A problem as a page. */
void page_problem(const struct call *call, struct response *response);

/* assets.c */
route_handler asset_get;
route_handler asset_icon;     /* /favicon.ico */
route_handler asset_manifest; /* /manifest.webmanifest */

#endif
