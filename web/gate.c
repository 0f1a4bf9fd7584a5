/* gate.c - see gate.h. */
#include "web/gate.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits >= 1 && digits <= 5 && text[digits] == '\0';
}

bool gate_host_is_loopback(const char *host)
{
    char name[64];
    struct in_addr address;
    size_t length;

    if (host[0] == '[') {
        const char *rest = host + 5;

        return strncmp(host, "[::1]", 5) == 0 &&
               (*rest == '\0' || (*rest == ':' && is_port(rest + 1)));
    }
    length = strcspn(host, ":");
    if (length == 0 || length >= sizeof name)
        return false;
    if (host[length] == ':' && !is_port(host + length + 1))
        return false;
    memcpy(name, host, length);
    name[length] = '\0';
    if (strcasecmp(name, "localhost") == 0)
        return true;
    return inet_pton(AF_INET, name, &address) == 1 &&
           (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET;
}

bool gate_same_origin(const char *origin, const char *fetch_site, const char *guard,
                      const char *host)
{
    if (fetch_site[0] != '\0')
        return strcmp(fetch_site, "same-origin") == 0;
    if (origin[0] != '\0') {
        size_t scheme = strncasecmp(origin, "http://", 7) == 0    ? 7
                        : strncasecmp(origin, "https://", 8) == 0 ? 8
                                                                  : 0;

        return scheme != 0 && strcasecmp(origin + scheme, host) == 0;
    }
    return strcmp(guard, "1") == 0;
}

/* What response_problem is to say about the URL, or NULL. */
static const char *url_fault(const struct request *request)
{
    const char *parts[] = {request->path, request->query_text};

    for (size_t i = 0; i < 2; i++)
        for (const char *c = parts[i]; *c != '\0'; c++)
            if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
                return "the URL holds a byte that is not printable ASCII";
    return request->path[0] == '/' ? NULL : "the URL does not begin with '/'";
}

static bool envelope_is_sound(const struct gate_envelope *envelope,
                              const struct request *request, struct response *response)
{
    static const char *const methods[] = {"GET",    "HEAD",  "POST",   "PUT",
                                          "DELETE", "PATCH", "OPTIONS"};
    const char *fault = url_fault(request);
    bool known = false;

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        known = known || strcmp(methods[i], envelope->method) == 0;
    if (!known)
        response_problem(response, 501, "use GET, HEAD or POST", "unknown method");
    else if (envelope->transfer_encoding[0] != '\0' &&
             envelope->content_length[0] != '\0')
        response_problem(response, 400, "send Content-Length alone",
                         "both Content-Length and Transfer-Encoding are given");
    else if (envelope->transfer_encoding[0] != '\0')
        response_problem(response, 411, "send the body with a Content-Length",
                         "Transfer-Encoding is not accepted");
    else if (envelope->content_lengths > 1)
        response_problem(response, 400, "send one Content-Length",
                         "more than one Content-Length");
    else if (envelope->headers_bytes > HTTP_HEADERS_MAX)
        response_problem(response, 431, "", "the headers have more than %d bytes",
                         HTTP_HEADERS_MAX);
    else if (strlen(request->path) + strlen(request->query_text) > HTTP_URL_MAX)
        response_problem(response, 414, "", "the URL has more than %d bytes",
                         HTTP_URL_MAX);
    else if (fault != NULL)
        response_problem(response, 400, "a path and a query, percent-encoded", "%s",
                         fault);
    else
        return true;
    return false;
}

bool gate_admit(const struct gate_envelope *envelope, const struct request *request,
                struct response *response)
{
    if (!envelope_is_sound(envelope, request, response))
        return false;
    if (envelope->hosts != 1 || request->host[0] == '\0') {
        response_problem(response, 400, "send one Host header", "%s",
                         envelope->hosts > 1 ? "more than one Host" : "no Host");
        return false;
    }
    if (request->local)
        return true;
    if (!gate_host_is_loopback(request->host)) {
        response_problem(response, 421,
                         "use http://localhost or 127.0.0.1, also behind a proxy",
                         "this server answers for loopback names only");
        return false;
    }
    if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "OPTIONS") == 0)
        return true;
    if (!gate_same_origin(request->origin, request->fetch_site, request->guard,
                          request->host)) {
        response_problem(response, 403,
                         "a program sends the header \"X-Facilityd: 1\" and no Origin",
                         "the request comes from another site");
        return false;
    }
    return true;
}
