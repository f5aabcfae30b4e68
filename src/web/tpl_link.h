/* The address of the page being shown, for links that change one parameter of it: paging, sorting,
 * export. Implemented by the web floor. */
#ifndef WEB_TPL_LINK_H
#define WEB_TPL_LINK_H
#include "base/text.h"

struct request;

/* Path and query string of the request with the parameter `name` set to `value`, percent-encoded;
 * an empty value takes it away. A change of `sort` or `format` also takes `after` away. Lives in
 * the arena of the request. */
struct text web_link(struct request *rq, const char *name, struct text value);
/* The parameter as given, empty when there is none. */
struct text web_param(struct request *rq, const char *name);

#endif
