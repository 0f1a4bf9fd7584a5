/* mqtt_tls.c - see mqtt_tls.h. Of all in adapters/ the only file with libcurl. */
#include "adapters/mqtt_tls.h"

#include "base/mem.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum {
    LOOK_MS = 3000,
};

/* What the library's words mean for the person who must mend it. */
static const struct {
    const char *words;
    const char *meaning;
} meanings[] = {
    {"certificate has expired",
     "the broker's certificate has expired, or the clock of this machine is wrong"},
    {"certificate is not yet valid",
     "the broker's certificate is not valid yet, or the clock of this machine is wrong"},
    {"unable to get local issuer certificate",
     "the broker's certificate is signed by a CA that is not trusted here (ca_file)"},
    {"self-signed certificate in certificate chain",
     "the broker's certificate is signed by a CA that is not trusted here (ca_file)"},
    {"self-signed certificate",
     "the broker's certificate is signed by itself and not trusted here (ca_file)"},
    {"no alternative certificate subject name",
     "the broker's certificate is made out to another name than the address"},
    {"unable to obtain common name",
     "the broker's certificate is made out to another name than the address"},
    {"does not match target host name",
     "the broker's certificate is made out to another name than the address"},
    {"wrong version number", "the port does not speak TLS"},
    {"unexpected eof", "the broker breaks the handshake off; the port may not speak TLS"},
    {"reset by peer", "the broker breaks the handshake off; the port may not speak TLS"},
};

static void set_text(CURL *curl, CURLoption option, const char *text)
{
    if (text[0] != '\0')
        (void)curl_easy_setopt(curl, option, text);
}

static void prepare(CURL *curl, const struct mqtt_options *options, const char *url,
                    char *error)
{
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)LOOK_MS);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    set_text(curl, CURLOPT_CAINFO, options->settings->ca_file);
    set_text(curl, CURLOPT_SSLCERT, options->settings->cert_file);
    set_text(curl, CURLOPT_SSLKEY, options->settings->key_file);
}

static bool is_about_tls(CURLcode code)
{
    return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
           code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_CIPHER || code == CURLE_SSL_ISSUER_ERROR;
}

static void explain(const char *error, char *out, size_t size)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strstr(error, meanings[i].words) == NULL)
            continue;
        (void)snprintf(out, size, "TLS: %s (%.100s)", meanings[i].meaning, error);
        return;
    }
    (void)snprintf(out, size, "TLS: %.200s", error);
}

bool mqtt_tls_look(const struct mqtt_options *options, char *out, size_t size)
{
    const struct mqtt_address *address = &options->address;
    char *url = mem_format(address->ipv6 ? "https://[%s]:%s/" : "https://%s:%s/",
                           address->host, address->port);
    char error[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    CURLcode code = CURLE_OK;

    if (curl != NULL) {
        prepare(curl, options, url, error);
        code = curl_easy_perform(curl);
        curl_easy_cleanup(curl);
    }
    mem_free(url);
    if (code == CURLE_OPERATION_TIMEDOUT) {
        (void)snprintf(out, size,
                       "TLS: the broker takes the connection but does not answer the "
                       "handshake");
        return true;
    }
    if (!is_about_tls(code) || error[0] == '\0')
        return false;
    explain(error, out, size);
    return true;
}
