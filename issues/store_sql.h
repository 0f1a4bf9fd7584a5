/* store_sql.h - the words that store.c says to SQLite. Threads: constants. */
#ifndef ISSUES_STORE_SQL_H
#define ISSUES_STORE_SQL_H

enum {
    STORE_VERSION = 2,
    STORE_APPLICATION_ID = 0x46414349, /* "FACI"; also in the schema's text */
};

/* What leads from each version to the next; the first begins with an empty file. */
extern const char *const store_versions[STORE_VERSION];
extern const char *const store_sql[]; /* by enum store_query */

#endif
