/* scan_foreign.h - characters that were meant as others: full-width punctuation of
 * Chinese input methods, typographic quotes, blanks that are none. Pure.
 */
#ifndef CONFIG_SCAN_FOREIGN_H
#define CONFIG_SCAN_FOREIGN_H

struct scan_foreign {
    const char *utf8;
    char meant; /* '"' for quotes, ' ' for blanks, else the mark itself */
    const char *hint;
};

/* The one that `text` begins with, or NULL. */
const struct scan_foreign *scan_foreign(const char *text);

#endif
