/* The credential chain: which source comes first, how each fails, and the renewal. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/path.h"
#include "core/words.h"
#include "src/aws/creds.h"
#include "src/aws/creds_impl.h"
#include "src/aws/http.h"
#include "tests/local/aws_env.h"
#include "tests/local/fake_http.h"

#define STS_REPLY(action)                                                                          \
    "<" action "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" action "Result>"   \
    "<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s&amp;k</SecretAccessKey>"   \
    "<SessionToken>tok</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration></Credentials>"  \
    "</" action "Result></" action "Response>"
#define KEYS_REPLY                                                                                 \
    "{\"AccessKeyId\":\"ASIAC\",\"SecretAccessKey\":\"s\",\"Token\":\"t\","                        \
    "\"Expiration\":\"2026-01-02T09:04:05Z\",\"Code\":\"Success\"}"

static const char *home;
static struct http *http;

static void begin(void)
{
    home = aws_env_begin();
    http = http_new(NULL, NULL);
}

static void end(void)
{
    http_free(http);
    aws_env_end();
}

TestSuite(creds, .init = begin, .fini = end, .timeout = 120);

static struct aws_creds_provider *provider(const char *profile)
{
    return aws_creds_new(&(struct aws_creds_options){
        .profile = profile, .region = "us-east-1", .clock = &aws_env_clock, .http = http});
}

/* Resolves once and gives "key secret token source" or "CODE message". Owned. */
static char *resolve(const char *profile)
{
    struct aws_creds_provider *p = provider(profile);
    struct aws_creds c = {.expires_ms = TIME_NONE};
    struct err e = {0};
    enum err_code rc = aws_creds_get(p, &c, &e);
    char *text = rc == E_OK ? xasprintf("%s %s %s [%s]", c.access_key_id, secret_str(&c.secret_key),
                                        secret_str(&c.token), c.source)
                            : xasprintf("%s %s", err_name(rc), e.msg);

    aws_creds_clear(&c);
    aws_creds_free(p);
    return text;
}

static void expect(const char *profile, const char *want)
{
    char *got = resolve(profile);

    cr_expect_str_eq(got, want);
    free(got);
}

static void expect_part(const char *profile, const char *part)
{
    char *got = resolve(profile);

    cr_expect(strstr(got, part) != NULL, "%s", got);
    free(got);
}

Test(creds, the_environment_comes_first)
{
    aws_env_file("credentials", "[default]\naws_access_key_id=F\naws_secret_access_key=f\n");
    (void)setenv("AWS_ACCESS_KEY_ID", "E", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "e", 1);
    (void)setenv("AWS_SESSION_TOKEN", "t", 1);
    expect(NULL, "E e t [environment]");
}

Test(creds, a_chosen_profile_puts_the_environment_out_of_the_chain)
{
    aws_env_file("credentials", "[default]\naws_access_key_id=F\naws_secret_access_key=f\n");
    (void)setenv("AWS_ACCESS_KEY_ID", "E", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "e", 1);
    expect("default", "F f  [profile default]");
}

Test(creds, a_profile_named_by_the_environment_does_not)
{
    aws_env_file("config", "[profile p]\naws_access_key_id=F\naws_secret_access_key=f\n");
    (void)setenv("AWS_PROFILE", "p", 1);
    expect(NULL, "F f  [profile p]");
    (void)setenv("AWS_ACCESS_KEY_ID", "E", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "e", 1);
    expect(NULL, "E e  [environment]");
}

Test(creds, half_a_key_is_an_error_not_a_reason_to_go_on)
{
    aws_env_file("credentials", "[default]\naws_access_key_id=F\naws_secret_access_key=f\n"
                                "[half]\naws_access_key_id=F\n");
    expect_part("half", "E_CREDS profile half has aws_access_key_id but no");
    (void)setenv("AWS_ACCESS_KEY_ID", "E", 1);
    expect(NULL, "E_CREDS AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
}

Test(creds, the_credentials_file_wins_over_the_config_file)
{
    aws_env_file("credentials", "[a]\naws_access_key_id=CRED\naws_secret_access_key=c\n");
    aws_env_file("config", "[profile a]\naws_access_key_id=CONF\naws_secret_access_key=f\n"
                           "aws_session_token=stale\n");
    expect("a", "CRED c  [profile a]");
}

Test(creds, expired_keys_of_the_environment_are_said_to_be_so)
{
    aws_env_keys();
    (void)setenv("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T00:00:00Z", 1);
    expect(NULL, "E_EXPIRED the credentials of environment expired at 2026-01-01T00:00:00.000Z");
}

/* --- roles ------------------------------------------------------------------------------------ */

Test(creds, a_role_is_assumed_with_the_source_profile)
{
    static const struct fake_reply script[] = {{.body = STS_REPLY("AssumeRole")}};
    struct fake_http *f = fake_http_start(script, 1);
    char v[512];

    (void)setenv("AWS_ENDPOINT_URL_STS", fake_http_url(f), 1);
    aws_env_file("config", "[profile dev]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=base\n"
                           "external_id=x y\nrole_session_name=me\nduration_seconds=900\n"
                           "region=eu-west-1\n"
                           "[profile base]\naws_access_key_id=AKIDBASE\naws_secret_access_key=b\n");
    expect("dev", "ASIAROLE s&k tok [profile dev (assumed role)]");
    const struct fake_request *r = fake_http_request(f, 0);
    cr_expect_str_eq(r->body,
                     "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1"
                     "%3Arole%2Fr&RoleSessionName=me&ExternalId=x%20y&DurationSeconds=900");
    (void)fake_header(r, "authorization", v, sizeof v);
    cr_expect(strstr(v, "Credential=AKIDBASE/20260102/eu-west-1/sts/aws4_request") != NULL, "%s",
              v);
    fake_http_stop(f);
}

Test(creds, roles_chain_through_profiles)
{
    static const struct fake_reply script[] = {{.body = STS_REPLY("AssumeRole")}};
    struct fake_http *f = fake_http_start(script, 1);
    char v[512];

    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(f), 1);
    aws_env_file("config", "[profile two]\nrole_arn=arn:2\nsource_profile=one\n"
                           "[profile one]\nrole_arn=arn:1\nsource_profile=one\n");
    aws_env_file("credentials", "[one]\naws_access_key_id=K\naws_secret_access_key=s\n");
    expect("two", "ASIAROLE s&k tok [profile two (assumed role)]");
    cr_expect_eq(fake_http_requests(f), 2);
    cr_expect(strstr(fake_http_request(f, 0)->body, "RoleArn=arn%3A1&") != NULL);
    cr_expect(strstr(fake_http_request(f, 1)->body, "RoleArn=arn%3A2&") != NULL);
    (void)fake_header(fake_http_request(f, 1), "x-amz-security-token", v, sizeof v);
    cr_expect_str_eq(v, "tok");
    fake_http_stop(f);
}

Test(creds, broken_role_profiles_are_named)
{
    aws_env_file("config", "[profile a]\nrole_arn=r\nsource_profile=b\n"
                           "[profile b]\nrole_arn=r\nsource_profile=c\n"
                           "[profile c]\nrole_arn=r\nsource_profile=a\n"
                           "[profile self]\nrole_arn=r\nsource_profile=self\n"
                           "[profile none]\nrole_arn=r\n"
                           "[profile both]\nrole_arn=r\nsource_profile=a\n"
                           "credential_source=Environment\n"
                           "[profile gone]\nrole_arn=r\nsource_profile=nobody\n"
                           "[profile odd]\nrole_arn=r\ncredential_source=environment\n"
                           "[profile mfa]\nrole_arn=r\nsource_profile=a\nmfa_serial=arn:m\n"
                           "[profile dry]\nrole_arn=r\nsource_profile=empty\n[profile empty]\n"
                           "[profile env]\nrole_arn=r\ncredential_source=Environment\n");
    expect("a", "E_CONFIG source_profile leads back to itself: a -> b -> c -> a");
    expect("self", "E_CONFIG source_profile leads back to itself: self -> self");
    expect_part("none", "E_CONFIG profile none: a role_arn needs a source_profile or a");
    expect_part("both", "E_CONFIG profile both: a role_arn needs one of");
    expect_part("gone", "E_CONFIG profile gone names source_profile nobody, which does not exist");
    expect_part("odd", "E_CONFIG profile odd: credential_source environment is unknown");
    expect_part("mfa", "E_CREDS profile mfa needs a code of the MFA device arn:m");
    expect_part("dry", "E_CREDS source_profile empty of profile dry holds no credentials");
    expect_part("env", "E_CREDS profile env: credential_source Environment gave nothing");
}

Test(creds, a_refused_role_tells_what_is_not_allowed)
{
    static const struct fake_reply script[] = {
        {.status = 403,
         .body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>"
                 "</ErrorResponse>"}
    };
    struct fake_http *f = fake_http_start(script, 1);

    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(f), 1);
    aws_env_file("config", "[profile a]\nrole_arn=arn:r\ncredential_source=Environment\n");
    aws_env_keys();
    expect_part("a",
                "E_DENIED profile a (assumed role): STS AssumeRole, role arn:r: not allowed to "
                "sts:AssumeRole");
    cr_expect_eq(fake_http_requests(f), 1);
    fake_http_stop(f);
}

static struct fake_reply skewed_sts(void *arg, const struct fake_request *r, size_t n)
{
    char date[64];

    (void)arg;
    (void)n;
    (void)fake_header(r, "x-amz-date", date, sizeof date);
    return strcmp(date, "20260102T040405Z") == 0
               ? (struct fake_reply){.body = STS_REPLY("AssumeRole")}
               : (struct fake_reply){.status = 403,
                                     .headers = "Date: Fri, 02 Jan 2026 04:04:05 GMT\r\n",
                                     .body = "<ErrorResponse><Error><Code>SignatureDoesNotMatch"
                                             "</Code></Error></ErrorResponse>"};
}

Test(creds, a_role_is_assumed_with_a_wrong_clock_too)
{
    struct fake_http *f = fake_http_start_with(skewed_sts, NULL);

    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(f), 1);
    aws_env_file("config", "[profile a]\nrole_arn=arn:r\ncredential_source=Environment\n");
    aws_env_keys();
    expect("a", "ASIAROLE s&k tok [profile a (assumed role)]");
    cr_expect_eq(fake_http_requests(f), 2);
    fake_http_stop(f);
}

Test(creds, keys_with_blanks_are_told_from_wrong_keys)
{
    aws_env_file("credentials", "[a]\naws_access_key_id=A B\naws_secret_access_key=s\n"
                                "[b]\naws_access_key_id=A\naws_secret_access_key=s mine\n"
                                "[c]\naws_access_key_id=AC\naws_secret_access_key=t&k # mine\n"
                                "aws_security_token : old\n");
    expect_part("a", "E_CREDS profile a: aws_access_key_id in ");
    expect_part("b", "E_CREDS profile b: aws_secret_access_key in ");
    expect("c", "AC t&k old [profile c]");
    aws_env_keys();
    (void)setenv("AWS_SECRET_ACCESS_KEY", "abc\n", 1);
    expect_part(NULL, "E_CREDS AWS_SECRET_ACCESS_KEY in the environment holds a blank");
}

Test(creds, a_web_identity_is_exchanged_without_a_signature)
{
    static const struct fake_reply script[] = {{.status = 500},
                                               {.body = STS_REPLY("AssumeRoleWithWebIdentity")}};
    struct fake_http *f = fake_http_start(script, 2);
    char *file = xasprintf("%s/.aws/token", home);
    char v[64];

    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(f), 1);
    (void)setenv("AWS_WEB_IDENTITY_TOKEN_FILE", file, 1);
    expect(NULL, "E_CONFIG AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not");
    (void)setenv("AWS_ROLE_ARN", "arn:w", 1);
    (void)setenv("AWS_ROLE_SESSION_NAME", "s1", 1);
    expect_part(NULL, "E_CREDS environment (web identity): ");
    aws_env_file("token", "jwt.a-b\n");
    expect(NULL, "ASIAROLE s&k tok [environment (web identity)]");
    const struct fake_request *r = fake_http_request(f, 1);
    cr_expect_str_eq(r->body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aw&"
                              "RoleSessionName=s1&WebIdentityToken=jwt.a-b");
    cr_expect_str_eq(fake_header(r, "authorization", v, sizeof v), "");
    cr_expect_str_eq(fake_header(r, "x-amz-date", v, sizeof v), "");
    free(file);
    fake_http_stop(f);
}

/* --- credential_process ------------------------------------------------------------------------
 */

Test(creds, command_lines_are_split_like_a_shell_does)
{
    static const struct {
        const char *line, *words; /* joined with '|'; NULL: refused */
    } cases[] = {
        {"a b  c",               "a|b|c"          },
        {"  a\t'b c' ",          "a|b c"          },
        {"\"a \\\" b\" \\ c",    "a \" b| c"      },
        {"a'b'\"c\"",            "abc"            },
        {"'a\\b' \"a\\b\" a\\b", "a\\b|a\\b|ab"   },
        {"a '' \"\"",            "a||"            },
        {"$HOME `id` *;rm",      "$HOME|`id`|*;rm"},
        {"a 'b",                 NULL             },
        {"a \"b",                NULL             },
        {"",                     NULL             },
        {"   ",                  NULL             },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char **words = words_split(cases[i].line);
        struct strbuf joined = STRBUF_INIT;
        for (size_t n = 0; words != NULL && words[n] != NULL; n++) {
            strbuf_adds(&joined, n == 0 ? "" : "|");
            strbuf_adds(&joined, words[n]);
        }
        if (cases[i].words == NULL) {
            cr_expect_null(words, "%s", cases[i].line);
        } else {
            cr_expect_str_eq(strbuf_str(&joined), cases[i].words);
        }
        strbuf_clear(&joined);
        words_free(words);
    }
}

Test(creds, a_process_is_run_without_a_shell)
{
    aws_env_file("config", "[profile ok]\ncredential_process = printf %s "
                           "'{\"Version\":1,\"AccessKeyId\":\"$HOME\",\"SecretAccessKey\":\"s\"}'\n"
                           "[profile v2]\ncredential_process = echo {\\\"Version\\\":2}\n"
                           "[profile bad]\ncredential_process = echo hello\n"
                           "[profile fails]\ncredential_process = sh -c 'echo broken >&2; exit 3'\n"
                           "[profile gone]\ncredential_process = /nonexistent/program x\n"
                           "[profile open]\ncredential_process = a 'b\n"
                           "[profile flood]\ncredential_process = head -c 1000000 /dev/zero\n");
    expect("ok", "$HOME s  [profile ok (credential_process)]");
    expect_part("v2", "E_PARSE profile v2 (credential_process): Version is not 1");
    expect_part("bad", "E_PARSE profile bad (credential_process): not JSON");
    expect_part("fails", "E_CREDS profile fails (credential_process): the program ended with "
                         "status 3: broken");
    expect_part("gone", "E_CREDS profile gone (credential_process): cannot run /nonexistent");
    expect_part("open", "E_CONFIG profile open (credential_process): the command line");
    expect_part("flood", "E_TOO_BIG profile flood (credential_process)");
}

/* --- SSO ---------------------------------------------------------------------------------------
 */

#define SSO_CONFIG                                                                                 \
    "[profile s]\nsso_session=corp\nsso_account_id=111122223333\nsso_role_name=View er\n"          \
    "[sso-session corp]\nsso_region=us-east-1\nsso_start_url=https://corp/start\n"
/* sha1("corp") */
#define SSO_FILE "sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"

static struct fake_reply sso_service(void *arg, const struct fake_request *r, size_t n)
{
    char v[128];

    (void)arg;
    (void)n;
    if (strcmp(r->path, "/token") == 0) {
        return strstr(r->body, "\"refreshToken\":\"again\"") == NULL
                   ? (struct fake_reply){.status = 400, .body = "{\"error\":\"invalid_grant\"}"}
                   : (struct fake_reply){.body = "{\"accessToken\":\"fresh\",\"expiresIn\":28800,"
                                                 "\"refreshToken\":\"again2\"}"};
    }
    if (strcmp(r->path, "/federation/credentials?role_name=View%20er&account_id=111122223333") !=
        0) {
        return (struct fake_reply){.status = 404};
    }
    (void)fake_header(r, "x-amz-sso_bearer_token", v, sizeof v);
    if (strcmp(v, "good") != 0 && strcmp(v, "fresh") != 0) {
        return (struct fake_reply){.status = 401, .body = "{\"message\":\"no\"}"};
    }
    return (struct fake_reply){.body = "{\"roleCredentials\":{\"accessKeyId\":\"ASIASSO\","
                                       "\"secretAccessKey\":\"s\",\"sessionToken\":\"t\","
                                       "\"expiration\":1767330245000}}"};
}

static char *sso_file(void)
{
    return xasprintf("%s/.aws/%s", home, SSO_FILE);
}

Test(creds, a_login_gives_the_keys_of_its_role)
{
    struct fake_http *f = fake_http_start_with(sso_service, NULL);

    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(f), 1);
    aws_env_file("config", SSO_CONFIG);
    expect_part("s", "E_EXPIRED profile s (SSO): nobody has logged in yet");
    aws_env_file(SSO_FILE, "{\"accessToken\":\"good\",\"expiresAt\":\"2026-01-02T09:00:00Z\"}");
    expect("s", "ASIASSO s t [profile s (SSO)]");
    aws_env_file(SSO_FILE, "{\"accessToken\":\"good\",\"expiresAt\":\"2026-01-02T03:00:00UTC\"}");
    expect_part("s", "E_EXPIRED profile s (SSO): the login has expired");
    aws_env_file(SSO_FILE, "{\"accessToken\":\"bad\",\"expiresAt\":\"2026-01-02T09:00:00Z\"}");
    expect_part("s", "E_EXPIRED profile s (SSO): the login has expired");
    aws_env_file(SSO_FILE, "nonsense");
    expect_part("s", "E_EXPIRED profile s (SSO): the cached token cannot be read");
    fake_http_stop(f);
}

Test(creds, a_login_near_its_end_is_renewed_and_written_back)
{
    struct fake_http *f = fake_http_start_with(sso_service, NULL);
    char *path = sso_file();
    char *text = NULL;
    struct stat st;

    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(f), 1);
    aws_env_file("config", SSO_CONFIG);
    aws_env_file(SSO_FILE,
                 "{\"startUrl\":\"https://corp/start\",\"accessToken\":\"old\","
                 "\"expiresAt\":\"2026-01-02T03:10:00Z\",\"clientId\":\"c\",\"clientSecret\":\"s\","
                 "\"refreshToken\":\"again\",\"registrationExpiresAt\":\"2026-02-02T03:04:05Z\"}");
    expect("s", "ASIASSO s t [profile s (SSO)]");
    cr_assert_eq(path_read(path, 10000, &text, NULL, NULL), E_OK);
    cJSON *doc = json_parse(text, strlen(text), "cache", NULL);
    cr_expect_str_eq(json_str(doc, "accessToken"), "fresh");
    cr_expect_str_eq(json_str(doc, "refreshToken"), "again2");
    cr_expect_str_eq(json_str(doc, "expiresAt"), "2026-01-02T11:04:05Z");
    cr_expect_str_eq(json_str(doc, "startUrl"), "https://corp/start");
    cr_assert_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600);
    cJSON_Delete(doc);
    free(text);
    free(path);
    fake_http_stop(f);
}

Test(creds, a_login_that_cannot_be_renewed_is_used_to_its_end)
{
    struct fake_http *f = fake_http_start_with(sso_service, NULL);

    (void)setenv("AWS_ENDPOINT_URL", fake_http_url(f), 1);
    aws_env_file("config", SSO_CONFIG);
    aws_env_file(SSO_FILE,
                 "{\"accessToken\":\"good\",\"expiresAt\":\"2026-01-02T03:10:00Z\","
                 "\"clientId\":\"c\",\"clientSecret\":\"s\",\"refreshToken\":\"revoked\"}");
    expect("s", "ASIASSO s t [profile s (SSO)]");
    cr_expect_eq(fake_http_requests(f), 2);
    fake_http_stop(f);
}

/* --- endpoints of machines
 * ------------------------------------------------------------------------ */

Test(creds, a_container_endpoint_gets_its_token)
{
    static const struct fake_reply script[] = {{.body = KEYS_REPLY}};
    struct fake_http *f = fake_http_start(script, 1);
    char *file = xasprintf("%s/.aws/ctoken", home);
    char *url = xasprintf("%s/creds?x=1", fake_http_url(f));
    char v[64];

    (void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    (void)setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic abc", 1);
    expect(NULL, "ASIAC s t [container endpoint]");
    cr_expect_str_eq(fake_http_request(f, 0)->path, "/creds?x=1");
    cr_expect_str_eq(fake_header(fake_http_request(f, 0), "authorization", v, sizeof v),
                     "Basic abc");
    aws_env_file("ctoken", "from-file\n");
    (void)setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file, 1);
    expect(NULL, "ASIAC s t [container endpoint]");
    cr_expect_str_eq(fake_header(fake_http_request(f, 1), "authorization", v, sizeof v),
                     "from-file");
    aws_env_file("ctoken", "two\nlines\n");
    expect_part(NULL, "E_CREDS container credentials: the authorization token has a line break");
    (void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.1.2.3/creds", 1);
    expect_part(NULL, "E_CONFIG AWS_CONTAINER_CREDENTIALS_FULL_URI: plain http");
    free(file);
    free(url);
    fake_http_stop(f);
}

Test(creds, a_container_endpoint_that_fails_is_an_error)
{
    static const struct fake_reply script[] = {
        {.status = 404, .body = "no"}
    };
    struct fake_http *f = fake_http_start(script, 1);

    (void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", fake_http_url(f), 1);
    expect_part(NULL, "E_CREDS container credentials: the endpoint answered HTTP 404");
    fake_http_stop(f);
}

static struct fake_reply metadata(void *arg, const struct fake_request *r, size_t n)
{
    char v[64];
    const char *mode = arg;

    (void)n;
    if (strcmp(r->method, "PUT") == 0) {
        bool right = strcmp(r->path, "/latest/api/token") == 0 && r->body_len == 0 &&
                     fake_header(r, "x-aws-ec2-metadata-token-ttl-seconds", v, sizeof v)[0] == '2';
        return strcmp(mode, "v1") == 0 || !right ? (struct fake_reply){.status = 404}
                                                 : (struct fake_reply){.body = "TOKEN"};
    }
    (void)fake_header(r, "x-aws-ec2-metadata-token", v, sizeof v);
    if (strcmp(v, strcmp(mode, "v1") == 0 ? "" : "TOKEN") != 0) {
        return (struct fake_reply){.status = 401};
    }
    if (strcmp(r->path, "/latest/meta-data/iam/security-credentials/") == 0) {
        return (struct fake_reply){.body = "my-role\nother\n"};
    }
    if (strcmp(r->path, "/latest/meta-data/iam/security-credentials/my-role") != 0) {
        return (struct fake_reply){.status = 404};
    }
    return (struct fake_reply){.body = strcmp(mode, "broken") == 0
                                           ? "{\"Code\":\"AssumeRoleUnauthorizedAccess\"}"
                                           : KEYS_REPLY};
}

static void expect_metadata(const char *mode, const char *part)
{
    struct fake_http *f = fake_http_start_with(metadata, (void *)mode);

    (void)unsetenv("AWS_EC2_METADATA_DISABLED");
    (void)setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", fake_http_url(f), 1);
    expect_part(NULL, part);
    fake_http_stop(f);
}

Test(creds, ec2_metadata_is_asked_last_and_with_a_token)
{
    expect_metadata("v2", "ASIAC s t [EC2 instance role]");
}

Test(creds, old_ec2_metadata_works_unless_forbidden)
{
    expect_metadata("v1", "ASIAC s t [EC2 instance role]");
    (void)setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
    expect_metadata("v1", "E_NO_CREDS no AWS credentials found");
}

Test(creds, ec2_metadata_that_fails_is_part_of_what_was_tried)
{
    expect_metadata("broken", "EC2 metadata: AssumeRoleUnauthorizedAccess");
}

/* --- renewal
 * --------------------------------------------------------------------------------------- */

/* Keys that last an hour from the clock's time; fails on request. */
struct source {
    atomic_int calls;
    atomic_bool fail;
    char body[8][256];
};

static struct fake_reply fresh_keys(void *arg, const struct fake_request *r, size_t n)
{
    struct source *s = arg;
    char at[TIME_ISO_SIZE];
    int i = atomic_fetch_add(&s->calls, 1) % 8;

    (void)r;
    (void)n;
    if (atomic_load(&s->fail)) {
        return (struct fake_reply){.status = 403};
    }
    (void)time_iso(clock_wall_ms(&aws_env_clock) + 3600 * 1000, at);
    (void)snprintf(s->body[i], sizeof s->body[i],
                   "{\"AccessKeyId\":\"K%d\",\"SecretAccessKey\":\"s\",\"Expiration\":\"%s\"}", i,
                   at);
    return (struct fake_reply){.body = s->body[i]};
}

static void expect_key(struct aws_creds_provider *p, const char *key)
{
    struct aws_creds c = {.expires_ms = TIME_NONE};
    struct err e = {0};

    cr_expect_eq(aws_creds_get(p, &c, &e), E_OK, "%s", e.msg);
    cr_expect_str_eq(c.access_key_id, key);
    aws_creds_clear(&c);
}

Test(creds, keys_are_renewed_before_their_end_and_kept_when_that_fails)
{
    struct source s = {.calls = 0};
    struct fake_http *f = fake_http_start_with(fresh_keys, &s);
    struct aws_creds_provider *p = provider(NULL);
    struct aws_creds c = {.expires_ms = TIME_NONE};
    struct err e = {0};

    (void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", fake_http_url(f), 1);
    expect_key(p, "K0");
    aws_env_clock_advance(44 * 60 * 1000);
    expect_key(p, "K0");
    cr_expect_eq(atomic_load(&s.calls), 1);
    aws_env_clock_advance(2 * 60 * 1000); /* 14 minutes left */
    expect_key(p, "K1");
    atomic_store(&s.fail, true);
    aws_env_clock_advance(50 * 60 * 1000);
    expect_key(p, "K1");
    expect_key(p, "K1");
    cr_expect_eq(atomic_load(&s.calls), 3, "a failed renewal is not repeated at once");
    aws_env_clock_advance(11 * 60 * 1000);
    cr_expect_eq(aws_creds_get(p, &c, &e), E_CREDS, "%s", e.msg);
    atomic_store(&s.fail, false);
    expect_key(p, "K4");
    aws_creds_clear(&c);
    aws_creds_free(p);
    fake_http_stop(f);
}

Test(creds, refused_keys_are_read_again_only_when_that_helps)
{
    struct aws_creds_provider *p = provider(NULL);
    struct aws_creds c = {.expires_ms = TIME_NONE};

    aws_env_file("credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=a\n");
    cr_assert_eq(aws_creds_get(p, &c, NULL), E_OK);
    cr_expect_not(aws_creds_refused(p, &c));
    aws_env_file("credentials", "[default]\naws_access_key_id=B\naws_secret_access_key=b\n");
    cr_expect_not(aws_creds_refused(p, &c), "not twice within two seconds");
    aws_env_clock_advance(3000);
    cr_expect(aws_creds_refused(p, &c));
    expect_key(p, "B");
    cr_expect(aws_creds_refused(p, &c), "another thread has read them already");
    aws_creds_clear(&c);
    aws_creds_free(p);
}

static void *ask(void *arg)
{
    struct aws_creds c = {.expires_ms = TIME_NONE};
    enum err_code rc = aws_creds_get(arg, &c, NULL);
    bool right = rc == E_OK && strcmp(c.access_key_id, "K0") == 0;

    aws_creds_clear(&c);
    return right ? arg : NULL;
}

Test(creds, many_askers_cause_one_request)
{
    struct source s = {.calls = 0};
    struct fake_http *f = fake_http_start_with(fresh_keys, &s);
    struct aws_creds_provider *p = provider(NULL);
    pthread_t threads[16];

    (void)setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", fake_http_url(f), 1);
    for (size_t i = 0; i < 16; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, p), 0);
    }
    for (size_t i = 0; i < 16; i++) {
        void *right = NULL;
        (void)pthread_join(threads[i], &right);
        cr_expect_not_null(right);
    }
    cr_expect_eq(atomic_load(&s.calls), 1);
    aws_creds_free(p);
    fake_http_stop(f);
}

/* A session is resolved as botocore does: a setting that is given twice must be the same, and a
 * missing section or setting is named. */
Test(creds, a_session_of_sso_is_found_or_named)
{
    aws_env_file("config",
                 "[profile gone]\nsso_session=nowhere\nsso_account_id=1\nsso_role_name=r\n"
                 "[profile other]\nsso_session=corp\nsso_account_id=1\nsso_role_name=r\n"
                 "sso_region=eu-west-1\n"
                 "[profile half]\nsso_session=half\nsso_account_id=1\nsso_role_name=r\n"
                 "sso_region=eu-west-1\n"
                 "[profile no_role]\nsso_session=corp\nsso_account_id=1\n"
                 "[profile no_url]\nsso_account_id=1\nsso_role_name=r\nsso_region=x\n"
                 "[profile keys]\nsso_session=corp\naws_access_key_id=KEYS\n"
                 "aws_secret_access_key=k\n"
                 "[sso-session corp]\nsso_region=us-east-1\nsso_start_url=https://c/s\n"
                 "[sso-session half]\nsso_start_url=https://c/s\n");
    expect_part("gone",
                "E_CONFIG profile gone (SSO): it names sso_session nowhere, which does not");
    expect_part("other",
                "E_CONFIG profile other (SSO): sso_region is another in the profile than in");
    expect_part("half", "E_EXPIRED profile half (SSO): nobody has logged in yet");
    expect_part("no_role", "E_CONFIG profile no_role (SSO): sso_role_name is missing");
    expect_part("no_url", "E_CONFIG profile no_url (SSO): sso_start_url is missing");
    expect("keys", "KEYS k  [profile keys]");
}
