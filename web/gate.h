/* gate.h - which requests are let in at all (pure).
 *
 * libmicrohttpd 0.9.75 is lenient: it takes Content-Length and Transfer-Encoding
 * together, any byte in the URL, any method. What is asked here before routing:
 *
 *  - no Transfer-Encoding (nobody needs to upload in pieces), with Content-Length or not;
 *  - at most one Content-Length: behind a proxy that believes the other one, the rest of
 *    the body would be taken for a request of its own;
 *  - a URL of printable ASCII that begins with '/';
 *  - a Host. Over TCP it must be a loopback name or address: another name means that a
 *    page of a stranger has pointed a DNS name of his at us (DNS rebinding);
 *  - over TCP, what changes something must come from our own pages (Sec-Fetch-Site or
 *    Origin) or from a program, which says so with "X-Facilityd: 1": a browser sends a
 *    header of that kind across sites only after asking, and we never agree.
 *
 * Threads: no state.
 */
#ifndef WEB_GATE_H
#define WEB_GATE_H

#include "web/http.h"

/* What of the envelope is needed beside struct request. */
struct gate_envelope {
    const char *method;            /* as sent */
    const char *version;           /* "HTTP/1.1" */
    const char *transfer_encoding; /* "" when absent */
    const char *content_length;
    size_t headers_bytes;
    size_t hosts;           /* how many Host headers */
    size_t content_lengths; /* how many Content-Length headers */
};

/* True when the request may be routed; else `response` says why not. */
bool gate_admit(const struct gate_envelope *envelope, const struct request *request,
                struct response *response);

/* "localhost", 127.x.y.z or [::1], each with or without a port. */
bool gate_host_is_loopback(const char *host);

/* Whether the request comes from a page of the host it is sent to, or from a program.
 * Sec-Fetch-Site decides alone when it is there: no script can set it, and behind a
 * reverse proxy the browser's Origin never equals the Host that we see. */
bool gate_same_origin(const char *origin, const char *fetch_site, const char *guard,
                      const char *host);

#endif
