/* TransactWriteItems, by our client and by raw documents: all of a transaction or nothing, what
 * cancels one, and that one which is sent twice is done once. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "cloud.h"
#include "core/json.h"
#include "core/strbuf.h"

static struct test_cloud c;

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'jobs','BillingMode':'PAY_PER_REQUEST',"
             "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'},"
             "{'AttributeName':'user','AttributeType':'S'}],"
             "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}],"
             "'GlobalSecondaryIndexes':[{'IndexName':'by-user','KeySchema':["
             "{'AttributeName':'user','KeyType':'HASH'}],"
             "'Projection':{'ProjectionType':'ALL'}}],'StreamSpecification':"
             "{'StreamEnabled':true,'StreamViewType':'NEW_AND_OLD_IMAGES'}}");
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'state','BillingMode':'PAY_PER_REQUEST',"
             "'AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
             "{'AttributeName':'sk','AttributeType':'S'}],"
             "'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
             "{'AttributeName':'sk','KeyType':'RANGE'}]}");
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(transact, .init = setup, .fini = teardown, .timeout = 120);

/* A document in which ' stands for ". Owned. */
static cJSON *document(const char *text)
{
    struct strbuf b = STRBUF_INIT;

    for (const char *p = text; *p != '\0'; p++) {
        strbuf_addc(&b, *p == '\'' ? '"' : *p);
    }
    cJSON *doc = json_parse(b.data, b.len, "test document", NULL);
    cr_assert_not_null(doc, "%s", text);
    strbuf_clear(&b);
    return doc;
}

/* The item of the state table under this key, printed; NULL when there is none. Owned. */
static char *state_of(const char *pk)
{
    struct strbuf text = STRBUF_INIT;
    cJSON *item = NULL;
    struct err e;

    strbuf_addf(&text, "{'pk':{'S':'%s'},'sk':{'S':'-'}}", pk);
    cJSON *key = document(strbuf_str(&text));
    cr_assert_eq(ddb_read_item(c.aws, "state", key, true, &item, &e), E_OK, "%s", e.msg);
    char *printed = item == NULL ? NULL : json_text(item);
    cJSON_Delete(item);
    cJSON_Delete(key);
    strbuf_clear(&text);
    return printed;
}

static void expect_state(const char *pk, bool there)
{
    char *text = state_of(pk);

    cr_expect_eq(text != NULL, there, "%s: %s", pk, text);
    free(text);
}

/* A put of a new job and of its state under the same name. */
struct pair {
    cJSON *job, *state;
    struct ddb_action actions[2];
};

static void pair_of(struct pair *p, const char *name)
{
    struct strbuf text = STRBUF_INIT;

    strbuf_addf(&text, "{'id':{'S':'%s'},'user':{'S':'u'}}", name);
    p->job = document(strbuf_str(&text));
    strbuf_reset(&text);
    strbuf_addf(&text, "{'pk':{'S':'%s'},'sk':{'S':'-'},'v':{'N':'1'}}", name);
    p->state = document(strbuf_str(&text));
    strbuf_clear(&text);
    p->actions[0] = (struct ddb_action){.kind = DDB_ACTION_PUT,
                                        .table = "jobs",
                                        .item = p->job,
                                        .condition = "attribute_not_exists(id)",
                                        .want_old = true};
    p->actions[1] = (struct ddb_action){.kind = DDB_ACTION_PUT,
                                        .table = "state",
                                        .item = p->state,
                                        .condition = "attribute_not_exists(pk)",
                                        .want_old = true};
}

static void pair_clear(struct pair *p)
{
    cJSON_Delete(p->job);
    cJSON_Delete(p->state);
}

Test(transact, our_client_writes_all_or_nothing_and_is_told_the_reasons)
{
    struct pair p;
    struct ddb_reasons why = {0};
    struct err e = {0};

    pair_of(&p, "a");
    const struct ddb_transaction t = {.actions = p.actions, .len = 2};
    cr_expect_eq(ddb_transact(c.aws, &t, &why, &e), E_OK, "%s", e.msg);
    cr_expect_eq(why.len, 0);
    expect_state("a", true);
    pair_clear(&p);

    /* the job is new, the state is not: neither is written */
    pair_of(&p, "b");
    cJSON_Delete(p.state);
    p.state = document("{'pk':{'S':'a'},'sk':{'S':'-'},'v':{'N':'2'}}");
    p.actions[1].item = p.state;
    cr_expect_eq(ddb_transact(c.aws, &t, &why, &e), E_CONFLICT);
    cr_expect_str_eq(e.aws_code, "TransactionCanceledException");
    cr_expect_not_null(strstr(e.msg, "[None, ConditionalCheckFailed]"), "%s", e.msg);
    cr_expect_not(e.maybe_done);
    cr_assert_eq(why.len, 2);
    cr_expect_str_eq(why.items[0].code, "None");
    cr_expect_null(why.items[0].item);
    cr_expect_str_eq(why.items[1].code, "ConditionalCheckFailed");
    cr_expect_str_eq(why.items[1].message, "The conditional request failed");
    cr_expect_str_eq(attr_num(why.items[1].item, "v"), "1");
    ddb_reasons_clear(&why);
    cloud_answers(&c, AWS_OP_DDB_GET_ITEM, "{'TableName':'jobs','Key':{'id':{'S':'b'}}}", "{}");
    pair_clear(&p);
}

Test(transact, the_same_token_is_done_once_for_ten_minutes)
{
    cJSON *key = document("{'pk':{'S':'n'},'sk':{'S':'-'}}");
    cJSON *one = document("{':one':{'N':'1'}}"), *two = document("{':one':{'N':'2'}}");
    struct ddb_action add = {.kind = DDB_ACTION_UPDATE,
                             .table = "state",
                             .key = key,
                             .update = "ADD n :one",
                             .values = one};
    const struct ddb_transaction t = {.actions = &add, .len = 1, .token = "token-1"};
    struct err e = {0};

    for (int i = 0; i < 3; i++) {
        cr_expect_eq(ddb_transact(c.aws, &t, NULL, &e), E_OK, "%s", e.msg);
    }
    char *text = state_of("n");
    cr_expect_not_null(strstr(text, "\"n\":{\"N\":\"1\"}"), "%s", text);
    free(text);
    add.values = two;
    cr_expect_eq(ddb_transact(c.aws, &t, NULL, &e), E_INVALID);
    cr_expect_str_eq(e.aws_code, "IdempotentParameterMismatchException", "%s", e.msg);
    cloud_restart(&c); /* the tokens are kept like the items */
    cr_expect_eq(ddb_transact(c.aws, &t, NULL, &e), E_INVALID);
    c.skew_ms += 10 * 60 * 1000 + 1000;
    cloud_reconnect(&c);
    cr_expect_eq(ddb_transact(c.aws, &t, NULL, &e), E_OK, "%s", e.msg);
    text = state_of("n");
    cr_expect_not_null(strstr(text, "\"n\":{\"N\":\"3\"}"), "%s", text);
    free(text);
    cJSON_Delete(key);
    cJSON_Delete(one);
    cJSON_Delete(two);
}
