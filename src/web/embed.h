/* Files of assets/ inside the program, written by tools/embed. */
#ifndef WEB_EMBED_H
#define WEB_EMBED_H
#include "base/text.h"

struct asset {
    const char *name, *mime;
    const char *etag; /* with its quotes */
    const char *url;  /* "/assets/bereg.css?v=1a2b3c4d": may be kept for ever */
    const unsigned char *s;
    size_t n;
    const unsigned char *gz; /* null: not worth it */
    size_t n_gz;
};

const struct asset *asset_find(struct text name); /* null when there is none */
/* The address of a file for templates; of a file that is not there "/assets/". */
const char *asset_url(const char *name);

#endif
