/* What the role of the database that serves needs to do with each table. It follows from the declarations: rows of logs are only added, rows
 * that something deletes (a statement, an act of destruction, two cards joined) may be deleted, all others may only change. */
#ifndef GUARD_RIGHTS_H
#define GUARD_RIGHTS_H
#include "store/store.h"

uint8_t table_rights(const struct table *t); /* RIGHT_… */

#endif
