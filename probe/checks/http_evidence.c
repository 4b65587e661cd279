/* Whose answer it is, and what fixes it there. A hint names a product only where
 * the answer shows that product; all that is known of products stands in one table. */
#include <string.h>

#include "checks/http.h"

/* Every mark that is set must be there; the first row that fits counts. */
struct evidence {
    enum cause cause;
    long status;           /* 0: any */
    const char *head;      /* in the headers, in small or capital letters; "\nServer: x" */
    const char *body;      /* in the body; "" stands for an empty body */
    const char *more;      /* in the body too */
    bool needs_underscore; /* the Host that was sent has one */
    const char *hint;
};

#define DJANGO_UNDERSCORE                                                                          \
    "Django refuses a Host with an underscore, even one in ALLOWED_HOSTS: ask localhost or "       \
    "a name without one"
#define DJANGO_HOSTS                                                                               \
    "Django refuses a Host that is not in ALLOWED_HOSTS: add that name, without its port"

/* The pages are those of the products' sources: Django views/defaults.py, views/debug.py,
 * views/csrf.py and middleware/security.py; Rails host_authorization.rb; Spring Boot
 * DefaultErrorAttributes and the Actuator; ASP.NET Core HostFilteringMiddleware; Express
 * finalhandler; nginx ngx_http_special_response.c; HAProxy http.c; Apache http_protocol.c; Vault
 * sys_health.go; Go net/http; Traefik's load balancer; PHP's fpm_main.c; Envoy's router. */
static const struct evidence table[] = {
    {CAUSE_HTTP_BAD_REQUEST, 0, NULL, "DisallowedHost", NULL, true, DJANGO_UNDERSCORE},
    {CAUSE_HTTP_BAD_REQUEST, 0, NULL, "<h1>Bad Request (400)</h1>", NULL, true, DJANGO_UNDERSCORE},
    {CAUSE_HTTP_BAD_REQUEST, 0, NULL, "DisallowedHost", NULL, false, DJANGO_HOSTS},
    {CAUSE_HTTP_BAD_REQUEST, 0, NULL, "<h1>Bad Request (400)</h1>", NULL, false, DJANGO_HOSTS},
    {CAUSE_HTTP_BAD_REQUEST, 0, "\nServer: Kestrel", "The request hostname is invalid", NULL, false,
     "ASP.NET refuses a Host that is not in AllowedHosts (appsettings.json): add that name, "
     "without its port"},
    {CAUSE_HTTP_BAD_REQUEST, 0, NULL, "Your browser sent an invalid request", NULL, false,
     "HAProxy calls the request invalid: 'show errors' on its socket says why"},

    {CAUSE_HTTPS_REDIRECT, 0, "\nServer: Caddy", NULL, NULL, false,
     "Caddy sends its sites to https: write http:// in front of the health site's address, or "
     "auto_https disable_redirects"},
    {CAUSE_HTTPS_REDIRECT, 0, "\nServer: Kestrel", NULL, NULL, false,
     "ASP.NET's UseHttpsRedirection sends it: leave the health path out of it (UseWhen)"},
    {CAUSE_HTTPS_REDIRECT, 0, "\nReferrer-Policy: same-origin\n", "", NULL, false,
     "Django sends it: list the path without its first slash in SECURE_REDIRECT_EXEMPT, or send "
     "--header 'X-Forwarded-Proto: https' as SECURE_PROXY_SSL_HEADER expects"},
    {CAUSE_HTTPS_REDIRECT, 0, NULL, "<center>nginx", NULL, false,
     "nginx sends it: put its return 301 into a location, beside one for the health path"},
    {CAUSE_SLASH_REDIRECT, 0, "\nReferrer-Policy: same-origin\n", "", NULL, false,
     "ask for the path with its slash at the end: Django adds it (APPEND_SLASH)"},

    {CAUSE_HTTP_FORBIDDEN, 0, NULL, "config.hosts", "Blocked host", true,
     "Rails refuses a Host with an underscore, even one in config.hosts: ask localhost or a "
     "name without one"},
    {CAUSE_HTTP_FORBIDDEN, 0, NULL, "config.hosts", "Blocked host", false,
     "Rails refuses a Host that is not in config.hosts: add that name, or exclude the path in "
     "config.host_authorization"},
    {CAUSE_HTTP_FORBIDDEN, 0, NULL, "CSRF verification failed", NULL, false,
     "Django's CSRF check refuses this method: ask with GET, or make the view csrf_exempt"},
    {CAUSE_HTTP_FORBIDDEN, 0, NULL, "Request forbidden by administrative rules", NULL, false,
     "a rule of HAProxy denies it (http-request deny)"},
    {CAUSE_HTTP_FORBIDDEN, 0, "\nServer: Apache", "permission to access this resource", NULL, false,
     "Apache denies it: Require, no index file, or no right to read the file; its error log says "
     "which"},
    {CAUSE_HTTP_FORBIDDEN, 0, "\nX-Powered-By: PHP", "Access denied.", NULL, false,
     "PHP-FPM runs no file of that kind (security.limit_extensions)"},
    {CAUSE_HTTP_FORBIDDEN, 0, NULL, "<center>nginx", NULL, false,
     "nginx denies it: no index file, no right to read the file, or a deny; its error log says "
     "which"},

    {CAUSE_HTTP_NOT_FOUND, 0, NULL, "<pre>Cannot ", NULL, false,
     "Express has no route for this method and path: is the router mounted under a prefix?"},
    {CAUSE_HTTP_NOT_FOUND, 0, NULL, "Whitelabel Error Page", NULL, false,
     "Spring Boot has no such path: the Actuator's is /actuator/health, behind the context path"},
    {CAUSE_HTTP_NOT_FOUND, 0, NULL, "\"status\":404,\"error\":\"Not Found\"",
     "\"timestamp\":", false,
     "Spring Boot has no such path: the Actuator's is /actuator/health, behind the context path"},
    {CAUSE_HTTP_NOT_FOUND, 0, NULL, "<h3>Apache Tomcat", NULL, false,
     "Tomcat knows no such path: is the application deployed, and under which context path?"},
    {CAUSE_HTTP_NOT_FOUND, 0, "\nX-Powered-By: PHP", "File not found.", NULL, false,
     "PHP-FPM has no such script: SCRIPT_FILENAME must be its path where PHP-FPM runs"},
    {CAUSE_HTTP_NOT_FOUND, 0, "\nX-Content-Type-Options: nosniff\n", "404 page not found", NULL,
     false,
     "a Go program (net/http) has no route for this path, or for this Host if it is a proxy"},
    {CAUSE_HTTP_NOT_FOUND, 0, NULL, "<center>nginx", NULL, false,
     "nginx itself answers: no location has the path, and root has no such file"},

    {CAUSE_HTTP_TOO_MANY_REQUESTS, 0, NULL, "\"initialized\":", "\"sealed\":", false,
     "Vault is a standby: ?standbyok=true makes that a 200"},
    {CAUSE_HTTP_STATUS, 472, NULL, "\"initialized\":", "\"sealed\":", false,
     "Vault is a disaster recovery secondary: ?drsecondarycode=200 makes that a 200"},
    {CAUSE_HTTP_STATUS, 473, NULL, "\"initialized\":", "\"sealed\":", false,
     "Vault is a performance standby: ?perfstandbyok=true makes that a 200"},
    {CAUSE_HTTP_STATUS, 501, NULL, "\"initialized\":", "\"sealed\":", false,
     "Vault is not initialized: vault operator init"},
    {CAUSE_HTTP_UNAVAILABLE, 0, NULL, "\"initialized\":", "\"sealed\":true", false,
     "Vault is sealed: vault operator unseal"},

    {CAUSE_HTTP_SERVER_ERROR, 0, NULL, "ActiveRecord::PendingMigrationError", NULL, false,
     "Rails has migrations that have not run: bin/rails db:migrate"},

    {CAUSE_HTTP_BAD_GATEWAY, 0, NULL, "<center>nginx", NULL, false,
     "nginx is up: is the application behind it? its error log says why not"},
    {CAUSE_HTTP_BAD_GATEWAY, 0, NULL, "The server returned an invalid or incomplete response", NULL,
     false, "HAProxy is up: did the application close its connection? see the application's log"},
    {CAUSE_HTTP_BAD_GATEWAY, 0, "\nServer: Apache", "response from an upstream server", NULL, false,
     "Apache is up: is the application behind it? its error log says why not"},
    {CAUSE_HTTP_BAD_GATEWAY, 0, "\nServer: Caddy", "", NULL, false,
     "Caddy is up: is the application behind it? its log says why not"},

    {CAUSE_HTTP_UNAVAILABLE, 0, "vnd.spring-boot.actuator", "\"details\"", NULL, false,
     "fix the component that is DOWN; its details say what it lacks"},
    {CAUSE_HTTP_UNAVAILABLE, 0, "vnd.spring-boot.actuator", NULL, NULL, false,
     "Spring Boot names the component and its error with "
     "management.endpoint.health.show-details=always"},
    {CAUSE_HTTP_UNAVAILABLE, 0, "\nServer: Kestrel", "Unhealthy", NULL, false,
     "fix the check that is Unhealthy; ASP.NET names it with a ResponseWriter in "
     "HealthCheckOptions"},
    {CAUSE_HTTP_UNAVAILABLE, 0, NULL, "No server is available to handle this request", NULL, false,
     "HAProxy is up, and no server of its backend is: is the application up, and does it pass "
     "HAProxy's check?"},
    {CAUSE_HTTP_UNAVAILABLE, 0, "\nServer: Apache", "maintenance downtime or capacity", NULL, false,
     "Apache is up, and calls the application behind it down: its error log says why"},
    {CAUSE_HTTP_UNAVAILABLE, 0, "\nServer: lighttpd", "<title>503 Service Unavailable</title>",
     NULL, false,
     "lighttpd is up, and calls the application behind it down: its error log says why"},
    {CAUSE_HTTP_UNAVAILABLE, 0, NULL, "no available server", NULL, false,
     "this is Traefik's answer where no server of a service is up: is the application up, and "
     "does it pass Traefik's check?"},
    {CAUSE_HTTP_UNAVAILABLE, 0, "\nServer: envoy", "upstream", NULL, false,
     "Envoy is up: is the application behind it?"},
    {CAUSE_HTTP_UNAVAILABLE, 0, NULL, "<center>nginx", NULL, false,
     "nginx itself answers: limit_req, limit_conn or a return 503"},

    {CAUSE_HTTP_GATEWAY_TIMEOUT, 0, NULL, "<center>nginx", NULL, false,
     "nginx is up, and its proxy_read_timeout was over: are the application's workers all busy?"},
    {CAUSE_HTTP_GATEWAY_TIMEOUT, 0, NULL, "The server didn't respond in time", NULL, false,
     "HAProxy is up, and its timeout server was over: are the application's workers all busy?"},
};

static bool body_fits(const struct exchange *exchange, const char *mark)
{
    if (!mark)
        return true;
    return *mark ? http_body_has(exchange, mark) : exchange->length == 0;
}

static bool fits(const struct evidence *row, const struct exchange *exchange, enum cause cause)
{
    return row->cause == cause && (row->status == 0 || row->status == exchange->status) &&
           (!row->head || strcasestr(exchange->head_bytes, row->head)) &&
           body_fits(exchange, row->body) && body_fits(exchange, row->more) &&
           (!row->needs_underscore || strchr(exchange->host, '_'));
}

const char *http_evidence(const struct exchange *exchange, enum cause cause)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (fits(&table[i], exchange, cause))
            return table[i].hint;
    return NULL;
}
