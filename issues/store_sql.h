/* store_sql.h - the words that store.c says to SQLite. Threads: constants. */
#ifndef ISSUES_STORE_SQL_H
#define ISSUES_STORE_SQL_H

enum {
    STORE_VERSION = 1,
    STORE_APPLICATION_ID = 0x46414349, /* "FACI"; also in the schema's text */
};

extern const char store_schema[];
extern const char *const store_sql[]; /* by enum store_query */

#endif
