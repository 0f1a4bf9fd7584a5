/* assets.c - see assets.h. */
#include "web/assets.h"

#include "base/json_out.h"
#include "web/handlers.h"

#include <string.h>

const struct asset *asset_find(const char *name)
{
    for (size_t i = 0; i < asset_count; i++)
        if (strcmp(asset_table[i].name, name) == 0)
            return &asset_table[i];
    return NULL;
}

static const char *type_of(const char *name)
{
    static const struct {
        const char *ending;
        const char *type;
    } types[] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
    };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].ending, dot) == 0)
            return types[i].type;
    return "application/octet-stream";
}

static void send_asset(const char *name, const char *cache, struct response *response)
{
    const struct asset *asset = asset_find(name);

    if (asset == NULL) {
        response_problem(response, 404, "reload the page", "there is no file \"%s\"",
                         name);
        return;
    }
    response->type = type_of(asset->name);
    response->fixed = asset->start;
    response->fixed_length = (size_t)(asset->end - asset->start);
    response->cache = cache;
}

void asset_get(const struct call *call, struct response *response)
{
    static const char prefix[] = "/assets/";
    const char *hash = call->request->path + sizeof prefix - 1;
    bool present = strncmp(hash, asset_hash, strcspn(hash, "/")) == 0;

    /* A page of an older program asks for what we no longer have: it gets the present
     * file, but may not keep it under that name. */
    send_asset(call->id, present ? "public, max-age=31536000, immutable" : "no-cache",
               response);
}

void asset_icon(const struct call *call, struct response *response)
{
    (void)call;
    send_asset("icon.svg", "public, max-age=86400", response);
}

void asset_manifest(const struct call *call, struct response *response)
{
    struct json_out json = json_begin(&response->body);

    response->type = "application/manifest+json";
    response->cache = "no-cache";
    json_open(&json, '{');
    json_put_string(&json, "name", call->site->config->site.name);
    json_put_string(&json, "short_name", "facilityd");
    json_put_string(&json, "start_url", "/");
    json_put_string(&json, "display", "standalone");
    json_put_string(&json, "background_color", "#10161c");
    json_put_string(&json, "theme_color", "#10161c");
    json_key(&json, "icons");
    json_open(&json, '[');
    json_open(&json, '{');
    json_put_string(&json, "src", "/favicon.ico");
    json_put_string(&json, "type", "image/svg+xml");
    json_put_string(&json, "sizes", "any");
    json_close(&json, '}');
    json_close(&json, ']');
    json_close(&json, '}');
}
