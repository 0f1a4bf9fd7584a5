/* town_folder.h - a folder for a town's state. */
#ifndef TESTS_SIM_TOWN_FOLDER_H
#define TESTS_SIM_TOWN_FOLDER_H

/* A new empty folder in a place for temporary files; a copy. */
char *town_folder(void);
/* Removes it with all that is in it and frees the name. NULL is fine. */
void town_folder_remove(char *folder);

#endif
