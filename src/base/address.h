/* Addresses of the network in words, as they are compared, counted and kept. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H
#include "base/text.h"

enum { ADDRESS_SIZE = 48 };

/* Each address in one spelling: "2001:DB8:0::1" and "[2001:db8::1]:443" are "2001:db8::1"; "203.0.113.9:5000" and
 * "::ffff:203.0.113.9" are "203.0.113.9". False: it is no address. */
bool address_plain(struct text t, char out[ADDRESS_SIZE]);
/* One household has a whole network of IPv6 addresses: of these the /64, others as they are. */
void address_network(struct text t, char out[ADDRESS_SIZE]);

#endif
