/* forms.c - see forms.h. */
#include "web/forms.h"

#include "web/html.h"

#include <string.h>
#include <strings.h>

bool form_read(const struct call *call, const char *instead, struct params *form,
               struct response *response)
{
    static const char type[] = "application/x-www-form-urlencoded";
    const struct request *request = call->request;
    struct err err;

    if (strncasecmp(request->content_type, type, sizeof type - 1) != 0) {
        response_problem(response, 415, instead, "this address takes what a form sends");
        return false;
    }
    if (params_parse(form, request->body, request->body_length, &err) != 0) {
        response_failed(response, &err);
        return false;
    }
    return true;
}

void form_go(const char *base, const char *id, const char *part,
             struct response *response)
{
    struct text url;

    text_init(&url, HTTP_HEADER_VALUE_MAX - 1);
    html_put(&url, "{!}{%}{!}", base, id, part);
    response_redirect(response, url.data);
    text_done(&url);
}
