/* Secrets in texts that a person sees. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/secret.h"
#include "core/strbuf.h"

TestSuite(mask, .timeout = 120);

static const struct mask_case {
    const char *in, *want;
} cases[] = {
  /* URLs: what may stand in a password */
    {"postgres://u:pa/SL4SH@h/db",                                                         "postgres://u:****@h/db"                      },
    {"postgres://u:pa?SL4SH@h/db",                                                         "postgres://u:****@h/db"                      },
    {"postgres://u:pa#SL4SH@h/db",                                                         "postgres://u:****@h/db"                      },
    {"postgres://u:pa@SL4SH@h/db",                                                         "postgres://u:****@h/db"                      },
    {"postgres://u:pa/S@L4?S=H#@h/db",                                                     "postgres://u:****@h/db"                      },
    {"postgres://u:12/34@h:5432/db",                                                       "postgres://u:****@h:5432/db"                 },
    {"postgres://u:p%40s%2Fs@h/db?sslmode=off",                                            "postgres://u:****@h/db?sslmode=off"          },
    {"postgres://u%3Ap4ss@h/db",                                                           "postgres://u%3A****@h/db"                    },
    {"POSTGRES://U:P4SS@H/db",                                                             "POSTGRES://U:****@H/db"                      },
    {"postgres://u:it's \"q<u>o`ted@h/db",                                                 "postgres://u:****@h/db"                      },
    {"see postgres://u:it's\"q<u>o`ted@h/db now",                                          "see postgres://u:****@h/db now"              },
    {"see postgres://u:two words@h/db now",                                                "see postgres://u:****@h/db now"              },
    {"redis://:p4ss@cache:6379/0",                                                         "redis://:****@cache:6379/0"                  },
    {"mongodb+srv://u:p4ss@a.mongodb.net/x?y=z",                                           "mongodb+srv://u:****@a.mongodb.net/x?y=z"    },
    {"mongodb://u:p4ss@a:27017,b:27017/x",                                                 "mongodb://u:****@a:27017,b:27017/x"          },
    {"amqps://u:p4ss@mq:5671/%2F",                                                         "amqps://u:****@mq:5671/%2F"                  },
    {"https://u:p4ss@h/p?a=b",                                                             "https://u:****@h/p?a=b"                      },
    {"https://u:p4/ss@h",                                                                  "https://u:****@h"                            },
    {"git clone https://ghp_0123456789abcdefghijABCDEFGHIJ012345@github.com/o/r.git",
     "git clone https://****@github.com/o/r.git"                                                                                         },
    {"https://x-access-token:ghs_abc@github.com/o/r",                                      "https://x-access-token:****@github.com/o/r"  },
    {"//u:p4ss@h/db",                                                                      "//u:****@h/db"                               },
    {"smtp://u:p4ss@mail:587",                                                             "smtp://u:****@mail:587"                      },
    {"a pg://u:s3cret@h and http://v:s3cret@h:80/x?key=s3cret",
     "a pg://u:****@h and http://v:****@h:80/x?key=****"                                                                                 },
    {"cut off pg://u:s3cret",                                                              "cut off pg://u:****"                         },
    {"jdbc:postgresql://h:5432/db?user=u&password=p4ss&ssl=true",
     "jdbc:postgresql://h:5432/db?user=u&password=****&ssl=true"                                                                         },
    {"jdbc:mysql://u:p4/ss@h:3306/db",                                                     "jdbc:mysql://u:****@h:3306/db"               },
    {"jdbc:sqlserver://h:1433;databaseName=x;user=u;password=p4;ss",
     "jdbc:sqlserver://h:1433;databaseName=x;user=u;password=****"                                                                       },
    {"jdbc:sqlserver://h:1433;password=p@4;user=u",                                        "jdbc:sqlserver://h:1433;password=****;user=u"},
    {"jdbc:oracle:thin:scott/t1ger@//h:1521/x",                                            "jdbc:oracle:thin:scott/****@//h:1521/x"      },
    {"postgres://h:5432/db?password=p@4",                                                  "postgres://h:5432/db?password=****"          },
    {"postgres://u:p@h/db?password=p@4&x=1",                                               "postgres://u:****@h/db?password=****&x=1"    },
    {"postgres://u:p@h/db?mail=me@x.com",                                                  "postgres://u:****"                           },
    {"url=postgres%3A%2F%2Fu%3Ap4ss%40h%2Fdb&x=1",                                         "url=postgres%3A%2F%2Fu%3A****%40h%2Fdb&x=1"  },
    {"postgres%253A%252F%252Fu%253Ap4ss%2540h",                                            "postgres%253A%252F%252Fu%253A****%2540h"     },

 /* what is none */
    {"https://example.com:8080/a:b see ://",                                               "https://example.com:8080/a:b see ://"        },
    {"https://example.com:8080/x?mail=me@example.com",
     "https://example.com:8080/x?mail=me@example.com"                                                                                    },
    {"https://medium.com/@user/a:b",                                                       "https://medium.com/@user/a:b"                },
    {"http://[::1]:8080/x@y",                                                              "http://[::1]:8080/x@y"                       },
    {"postgres://user@h:5432/db",                                                          "postgres://user@h:5432/db"                   },
    {"ssh://git@github.com:o/r.git",                                                       "ssh://git@github.com:o/r.git"                },
    {"git@github.com:o/r.git 10:30 mail a@b.c",                                            "git@github.com:o/r.git 10:30 mail a@b.c"     },
    {"nothing: here, 10:30 and a://b",                                                     "nothing: here, 10:30 and a://b"              },
    {"s3://bucket/a:b@c",                                                                  "s3://bucket/a:b@c"                           },
    {"expected http://HOST[:PORT] or https://HOST[:PORT]",
     "expected http://HOST[:PORT] or https://HOST[:PORT]"                                                                                },
    {"the security token included in the request is expired",
     "the security token included in the request is expired"                                                                             },
    {"arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbC",
     "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbC"                                                                             },
    {"maxTokens=4096, \"totalTokens\": 12",                                                "maxTokens=4096, \"totalTokens\": 12"         },
    {"hasPassword: true, token=null",                                                      "hasPassword: true, token=null"               },
    {"\"nextToken\":\"abc\",\"clientToken\":\"def\"",
     "\"nextToken\":\"abc\",\"clientToken\":\"def\""                                                                                     },
    {"secretArn=arn:x, accessKeyId=AKIA, passwordExpiresAt=2026",
     "secretArn=arn:x, accessKeyId=AKIA, passwordExpiresAt=2026"                                                                         },
    {"AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/x",                                             "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/x"      },
    {"",                                                                                   ""                                            },

 /* names and values */
    {"host=h password=p4ss dbname=x",                                                      "host=h password=**** dbname=x"               },
    {"host=h password = 'p4 s''s' dbname=x",                                               "host=h password = '****' dbname=x"           },
    {"Server=h;Uid=u;Pwd=p4;s&s;Database=x",                                               "Server=h;Uid=u;Pwd=****;Database=x"          },
    {"Driver={x};PWD={p;4};Server=h",                                                      "Driver={x};PWD=****;Server=h"                },
    {"PGPASSWORD=p4ss psql -h h",                                                          "PGPASSWORD=**** psql -h h"                   },
    {"MYSQL_PWD=p4ss",                                                                     "MYSQL_PWD=****"                              },
    {"spring.datasource.password=p4ss",                                                    "spring.datasource.password=****"             },
    {"psql --password p4ss -h h",                                                          "psql --password **** -h h"                   },
    {"login --token=p4ss",                                                                 "login --token=****"                          },
    {"password: p4ss",                                                                     "password: ****"                              },
    {"PASSWORD : \"p4 ss\"",                                                               "PASSWORD : \"****\""                         },
    {"{\"password\":\"p4\\\"ss\",\"a\":1}",                                                "{\"password\":\"****\",\"a\":1}"             },
    {"{\"githubToken\": \"p4ss\", \"apiKey\":\"x\"}",
     "{\"githubToken\": \"****\", \"apiKey\":\"****\"}"                                                                                  },
    {"{\"m\":\"{\\\"password\\\":\\\"p4\\\\\\\"ss\\\",\\\"b\\\":2}\"}",
     "{\"m\":\"{\\\"password\\\":\\\"****\\\",\\\"b\\\":2}\"}"                                                                           },
    {"{\"dsn\":\"host=h password=p4ss\",\"b\":1}",                                         "{\"dsn\":\"****\",\"b\":1}"                  },
    {"{\"msg\":\"host=h password=p4ss\",\"b\":1}",                                         "{\"msg\":\"host=h password=****\",\"b\":1}"  },
    {"{\"token\":{\"value\":\"p4ss\"},\"b\":1}",                                           "{\"token\":\"****\",\"b\":1}"                },
    {"{\"secrets\":[\"a1\",\"b]2\"],\"b\":1}",                                             "{\"secrets\":\"****\",\"b\":1}"              },
    {"{\"password\":12345,\"b\":1}",                                                       "{\"password\":****,\"b\":1}"                 },
    {"[{\"name\":\"DB_PASSWORD\",\"value\":\"p4ss\"}]",
     "[{\"name\":\"DB_PASSWORD\",\"value\":\"****\"}]"                                                                                   },
    {"{'api_key': 'p4ss', 'b': 1}",                                                        "{'api_key': '****', 'b': 1}"                 },
    {"env[\"SECRET\"] = \"p4ss\"",                                                         "env[\"SECRET\"] = \"****\""                  },
    {"Authorization: Bearer p4ss.x",                                                       "Authorization: Bearer ****"                  },
    {"authorization: Basic cDQ=",                                                          "authorization: Basic ****"                   },
    {"x?access_token=p4ss&b=1",                                                            "x?access_token=****&b=1"                     },
    {"a%3Fpassword%3Dp4ss%26b%3D1",                                                        "a%3Fpassword%3D****%26b%3D1"                 },
    {"?user=u\\u0026password=p4ss",                                                        "?user=u\\u0026password=****"                 },
    {"u:p4ss@tcp(h:3306)/db?x=y",                                                          "u:****@tcp(h:3306)/db?x=y"                   },
    {"dsn is u:p4@ss@unix(/run/x)/db",                                                     "dsn is u:****@unix(/run/x)/db"               },
    {"using ghp_0123456789abcdefghijABCDEFGHIJ012345",                                     "using ****"                                  },
    {"DATABASE_URL=p4ss",                                                                  "DATABASE_URL=****"                           },
    {"DATABASE_URL=postgres://u:p4ss@h/db",                                                "DATABASE_URL=postgres://u:****@h/db"         },
    {"{\"url\":\"redis://c:6379/0\",\"mail\":\"me@x.com\"}",
     "{\"url\":\"redis://c:6379/0\",\"mail\":\"me@x.com\"}"                                                                              },
    {"{\"in\":\"{\\\"url\\\":\\\"pg:\\/\\/u:s3cret@db\\\"}\"} mail a@b.c",
     "{\"in\":\"{\\\"url\\\":\\\"pg:\\/\\/u:****@db\\\"}\"} mail a@b.c"                                                                  },
    {"{\"url\":\"postgresql://u:s3cret@db/app\",\"n\":1}",
     "{\"url\":\"postgresql://u:****@db/app\",\"n\":1}"                                                                                  },
    {"pg\\u003a\\u002f\\u002fu\\u003as3cret@db",                                           "pg\\u003a\\u002f\\u002fu\\u003a****@db"      },

 /* Oracle writes user/password */
    {"oracle://scott/t1ger@h",                                                             "oracle://scott/****@h"                       },
    {"oracle://scott/t1ger@h:1521/x",                                                      "oracle://scott/****@h:1521/x"                },
    {"oracle+thin://j.doe/t1/g@er@db.example.com:1521/x y",
     "oracle+thin://j.doe/****@db.example.com:1521/x y"                                                                                  },
    {"oracle%3A%2F%2Fscott%2Ft1ger%40h&x=1",                                               "oracle%3A%2F%2Fscott%2F****%40h&x=1"         },
    {"DB=mydb://scott/t1?ger@h:1521",                                                      "DB=mydb://scott/****@h:1521"                 },
    {"scott/t1ger@//h:1521/x",                                                             "scott/****@//h:1521/x"                       },
    {"cannot reach sc0tt_x/t1/g@er@db.example.com:1521/ORCL",
     "cannot reach sc0tt_x/****@db.example.com:1521/ORCL"                                                                                },
    {"\"scott/t1ger@[::1]:1521/x\", a@b.c",                                                "\"scott/****@[::1]:1521/x\", a@b.c"          },
    {"DB_CONN=scott/t1ger@(DESCRIPTION=(ADDRESS=(HOST=h)))",
     "DB_CONN=scott/****@(DESCRIPTION=(ADDRESS=(HOST=h)))"                                                                               },
    {"$ sqlplus -S -L 'scott/t1ger@ORCL' @x.sql",                                          "$ sqlplus -S -L 'scott/****@ORCL' @x.sql"    },
    {"/opt/bin/impdp userid=px[scott]/t1ger@ORCL full=y",
     "/opt/bin/impdp userid=px[scott]/****@ORCL full=y"                                                                                  },
    {"oracle:scott/t1ger@h",                                                               "oracle:scott/****@h"                         },
    {"{\"url\":\"jdbc:oracle:oci8:scott\\/t1ger@ORCL\",\"mail\":\"a@b\"}",
     "{\"url\":\"jdbc:oracle:oci8:scott\\/****@ORCL\",\"mail\":\"a@b\"}"                                                                 },
    {"prod:scott/t1ger@db.example.com/x",                                                  "prod:scott/****@db.example.com/x"            },
    {"prod:scott/t1ger@10.0.0.7",                                                          "prod:scott/****@10.0.0.7"                    },
    {"ORACLE_DSN=scott/t1ger@ORCL",                                                        "ORACLE_DSN=****"                             },

 /* what only looks like it */
    {"uses: actions/checkout@v4 and actions/cache@main",
     "uses: actions/checkout@v4 and actions/cache@main"                                                                                  },
    {"github:owner/repo@feature gitlab:o/r@x",                                             "github:owner/repo@feature gitlab:o/r@x"      },
    {"pull org/app@sha256:0123456789 from registry:5000/app@sha256:98765",
     "pull org/app@sha256:0123456789 from registry:5000/app@sha256:98765"                                                                },
    {"build:assets/logo@2x.png x:lib/core@1.2.3",                                          "build:assets/logo@2x.png x:lib/core@1.2.3"   },
    {"git+https://github.com/o/r@v1 ssh://h/srv/r@x hdfs://nn/a@b",
     "git+https://github.com/o/r@v1 ssh://h/srv/r@x hdfs://nn/a@b"                                                                       },
    {"mongodb://h/db?mail=a@b.c amqp://rabbit.local/v@x",
     "mongodb://h/db?mail=a@b.c amqp://rabbit.local/v@x"                                                                                 },
    {"arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com",
     "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com"                                                                      },
    {"HTTP/web.example.com@EXAMPLE.COM, host/db@EXAMPLE.COM",
     "HTTP/web.example.com@EXAMPLE.COM, host/db@EXAMPLE.COM"                                                                             },
    {"node_modules/@types/node@npm:18 lib/x@npm:7.1.0",
     "node_modules/@types/node@npm:18 lib/x@npm:7.1.0"                                                                                   },
    {"Key:users/ann@example.com/face.png INFO:app/worker@node1",
     "Key:users/ann@example.com/face.png INFO:app/worker@node1"                                                                          },
    {"jdbc:oracle:thin:@//h:1521/x, user/password@host:port/service",
     "jdbc:oracle:thin:@//h:1521/x, user/password@host:port/service"                                                                     },

 /* webhooks: the path is the secret */
    {"https://hooks.slack.com/services/T00/B00/s3cret",                                    "https://hooks.slack.com/services/****"       },
    {"curl: (22) hooks.slack.com/services/T00/B00/s3cret. Failed",
     "curl: (22) hooks.slack.com/services/****. Failed"                                                                                  },
    {"{\"u\":\"https:\\/\\/hooks.slack.com\\/workflows\\/T0\\/A0\\/9\\/s3cret\",\"b\":1}",
     "{\"u\":\"https:\\/\\/hooks.slack.com\\/workflows\\/****\",\"b\":1}"                                                                },
    {"to=https%3A%2F%2Fhooks.slack.com%2Fservices%2FT0%2FB0%2Fs3cret&x=1",
     "to=https%3A%2F%2Fhooks.slack.com%2Fservices%2F****&x=1"                                                                            },
    {"(https://discord.com/api/webhooks/123/s3cret_x-Y?wait=true)",
     "(https://discord.com/api/webhooks/****?wait=true)"                                                                                 },
    {"POST https://canary.DISCORDAPP.com:443/api/v10/webhooks/1/s3cret/slack 404",
     "POST https://canary.DISCORDAPP.com:443/api/v10/webhooks/**** 404"                                                                  },
    {"https://acme.webhook.office.com/webhookb2/1-2@3-4/IncomingWebhook/s3cret/5-6",
     "https://acme.webhook.office.com/webhookb2/****"                                                                                    },
    {"https://outlook.office.com/webhook/1-2%403-4/IncomingWebhook/s3cret/5",
     "https://outlook.office.com/webhook/****"                                                                                           },
    {"https://api.telegram.org/bot123:s3cret/sendMessage",                                 "https://api.telegram.org/bot****"            },
    {"https://discord.com/api/webhooks/{id}/{token} https://discord.com/channels/1/2",
     "https://discord.com/api/webhooks/{id}/{token} https://discord.com/channels/1/2"                                                    },
    {"https://hooks.slack.com/ nothooks.slack.com/services/T0/B0/x",
     "https://hooks.slack.com/ nothooks.slack.com/services/T0/B0/x"                                                                      },
};

ParameterizedTestParameters(mask, a_text)
{
    static size_t index[sizeof cases / sizeof *cases];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        index[i] = i;
    }
    return cr_make_param_array(size_t, index, sizeof cases / sizeof *cases);
}

ParameterizedTest(size_t *i, mask, a_text)
{
    char *got = secret_masked(cases[*i].in);
    char *again = secret_masked(got);

    cr_expect_str_eq(got, cases[*i].want, "%s\n  gives %s", cases[*i].in, got);
    cr_expect_str_eq(again, got, "once more: %s", again);
    char *here = xstrdup(cases[*i].in); /* the same secrets, but in its own room */
    secret_mask_in_place(here);
    cr_expect(strncmp(here, got, strlen(here)) == 0, "in place: %s", here);
    free(here);
    free(got);
    free(again);
}

static char *masked_json(const char *text)
{
    struct err e = {0};
    cJSON *doc = json_parse(text, strlen(text), "t", &e);

    cr_assert_not_null(doc, "%s", e.msg);
    cJSON *exact = json_copy_exact(doc);
    secret_mask_json(exact);
    secret_mask_json(doc);
    char *got = json_text(exact);
    char *plain = json_text(doc);
    cr_expect_str_eq(got, plain, "both kinds of numbers");
    free(plain);
    cJSON_Delete(exact);
    cJSON_Delete(doc);
    return got;
}

Test(mask, json_is_hidden_by_the_names_of_its_members)
{
    static const struct mask_case docs[] = {
        {"{\"a\":{\"githubToken\":\"x\",\"n\":1},\"password\":12345,\"pwd\":123456789012345678901}",
         "{\"a\":{\"githubToken\":\"****\",\"n\":1},\"password\":\"****\",\"pwd\":\"****\"}"                                                                                                 },
        {"{\"credentials\":{\"user\":\"u\",\"pin\":1,\"on\":true,\"l\":[\"x\",null]}}",
         "{\"credentials\":{\"user\":\"****\",\"pin\":\"****\",\"on\":true,\"l\":[\"****\",null]}"
         "}"                                                                                                                                                                                 },
        {"{\"maxTokens\":5,\"tokens\":{\"input\":5},\"token\":\"\"}",
         "{\"maxTokens\":5,\"tokens\":{\"input\":5},\"token\":\"\"}"                                                                                                                         },
        {"{\"environment\":[{\"name\":\"DB_PASSWORD\",\"value\":\"x\"},{\"name\":\"A\",\"value\":"
         "\"y\"}]}",                                                                        "{\"environment\":[{\"name\":\"DB_PASSWORD\",\"value\":\"****\"},{\"name\":\"A\","
         "\"value\":\"y\"}]}"                                                                                                                                   },
        {"{\"databaseUrl\":\"no url\",\"DATABASE_URL\":\"pg://u:two words@h\",\"dsn\":{\"S\":\"x "
         "y\"}}",                                                                           "{\"databaseUrl\":\"****\",\"DATABASE_URL\":\"pg://u:****@h\",\"dsn\":{\"S\":\"****\"}}"},
        {"[\"postgres://u:a b@h/db\",\"say \\\"password\\\": "
         "\\\"x\\\"\",\"{\\\"token\\\":\\\"x\\\"}\"]",                                      "[\"postgres://u:****@h/db\",\"say \\\"password\\\": "
         "\\\"****\\\"\",\"{\\\"token\\\":\\\"****\\\"}\"]"                                                                   },
        {"{\"tokenUrl\":\"https://h/oauth\",\"secretName\":\"n\"}",
         "{\"tokenUrl\":\"https://h/oauth\",\"secretName\":\"n\"}"                                                                                                                           },
    };

    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++) {
        char *got = masked_json(docs[i].in);
        cr_expect_str_eq(got, docs[i].want, "%s\n  gives %s", docs[i].in, got);
        free(got);
    }
}

enum { HUGE_BYTES = 1 << 18 }; /* as long as a line of CloudWatch */

/* `piece` again and again, then `tail`. Owned. */
static char *repeated(const char *piece, const char *tail)
{
    struct strbuf b = STRBUF_INIT;

    while (b.len < HUGE_BYTES) {
        strbuf_adds(&b, piece);
    }
    strbuf_adds(&b, tail);
    return strbuf_take(&b);
}

/* Each of these once made every word look at the rest of the text: minutes for a line of a log. */
Test(mask, a_hostile_text_ends_in_time_and_hides_no_less, .timeout = 120)
{
    static const char *const pieces[] = {"http://a:",  "http://a:80/@", "a:",   "a/b@c:", "1:1/",
                                         "dburl=a://", "dsn={",         "//a@", "u:p@tcp"};

    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        char *text = repeated(pieces[i], " then postgres://u:S3cret@h/db and password=S3cret");
        char *got = secret_masked(text);
        cr_expect_null(strstr(got, "S3cret"), "%s", pieces[i]);
        free(got);
        free(text);
    }
}

Test(mask, a_long_line_of_many_addresses_loses_their_passwords_alone)
{
    static const char piece[] = "{\"url\":\"https://u:S3cret@h:80/x?y=z\",\"n\":1},";
    static const char masked[] = "{\"url\":\"https://u:****@h:80/x?y=z\",\"n\":1},";
    char *text = repeated(piece, "");
    char *got = secret_masked(text);
    size_t n = strlen(text) / (sizeof piece - 1);

    cr_assert_eq(strlen(got), n * (sizeof masked - 1));
    for (size_t i = 0; i < n; i++) {
        cr_assert(strncmp(got + i * (sizeof masked - 1), masked, sizeof masked - 1) == 0, "%zu", i);
    }
    free(got);
    free(text);
}
