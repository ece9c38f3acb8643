/* TransactWriteItems, by our client and by raw documents: all of a transaction or nothing, what
 * cancels one, and that one which is sent twice is done once. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aws/attr.h"
#include "aws/dynamodb.h"
#include "cloud.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/cloud/store/service.h"

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

/* ---- what cancels, what is refused ------------------------------------------------------ */

#define PUT_A "{'Put':{'TableName':'state','Item':{'pk':{'S':'a'},'sk':{'S':'-'}}}}"
#define KEY_B "'TableName':'state','Key':{'pk':{'S':'b'},'sk':{'S':'-'}}"

/* Each second action is refused for this reason; the first one is fine and is not done. */
Test(transact, every_kind_of_action_can_cancel)
{
    static const struct {
        const char *action, *reason;
    } cases[] = {
        {"{'ConditionCheck':{" KEY_B ",'ConditionExpression':'attribute_exists(pk)'}}",
         "{'Code':'ConditionalCheckFailed','Message':'The conditional request failed'}"                                                                               },
        {"{'Delete':{" KEY_B ",'ConditionExpression':'attribute_exists(pk)'}}",
         "{'Code':'ConditionalCheckFailed','Message':'The conditional request failed'}"                                                                               },
        {"{'Update':{" KEY_B ",'UpdateExpression':'SET v = :v','ConditionExpression':'v > :v',"
         "'ExpressionAttributeValues':{':v':{'N':'1'}}}}",                     "{'Code':'ConditionalCheckFailed','Message':'The conditional request failed'}"},
        {"{'Update':{" KEY_B ",'UpdateExpression':'SET v = w'}}",
         "{'Code':'ValidationError','Message':'The provided expression refers to an attribute that "
         "does not exist in the item'}"                                                                                                                               },
        {"{'Update':{" KEY_B ",'UpdateExpression':'SET sk = :v',"
         "'ExpressionAttributeValues':{':v':{'S':'x'}}}}",                     "{'Code':'ValidationError','Message':'One or more parameter values were invalid: Cannot "
         "update attribute sk. This attribute is part of the key'}"                                },
        {"{'Put':{'TableName':'state','Item':{'pk':{'S':'b'}}}}",
         "{'Code':'ValidationError','Message':'One or more parameter values were invalid: Missing "
         "the key sk in the item'}"                                                                                                                                   },
        {"{'Put':{'TableName':'state','Item':{'pk':{'N':'5'},'sk':{'S':'-'}}}}",
         "{'Code':'ValidationError','Message':'One or more parameter values were invalid: Type "
         "mismatch for key pk expected: S actual: N'}"                                                                                                                },
        {"{'Put':{'TableName':'jobs','Item':{'id':{'S':'b'},'user':{'N':'5'}}}}",
         "{'Code':'ValidationError','Message':'One or more parameter values were invalid: Type "
         "mismatch for Index Key user Expected: S Actual: N IndexName: by-user'}"                                                                                     },
        {"{'Delete':{'TableName':'state','Key':{'pk':{'N':'5'},'sk':{'S':'-'}}}}",
         "{'Code':'ValidationError','Message':'The provided key element does not match the "
         "schema'}"                                                                                                                                                   },
        {"{'ConditionCheck':{'TableName':'state','Key':{'pk':{'S':'b'}},"
         "'ConditionExpression':'attribute_exists(pk)'}}",                     "{'Code':'ValidationError','Message':'The provided key element does not match the "
         "schema'}"                                                                                },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct strbuf text = STRBUF_INIT, want = STRBUF_INIT;
        strbuf_addf(&text, "{'TransactItems':[" PUT_A ",%s]}", cases[i].action);
        cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, strbuf_str(&text),
                      "TransactionCanceledException",
                      "Transaction cancelled, please refer cancellation reasons for specific "
                      "reasons [None, ");
        char *got = json_text(json_array(c.failed, "CancellationReasons"));
        strbuf_addf(&want, "[{'Code':'None'},%s]", cases[i].reason);
        for (size_t k = 0; k < want.len; k++) {
            want.data[k] = want.data[k] == '\'' ? '"' : want.data[k];
        }
        cr_expect_str_eq(got, strbuf_str(&want));
        free(got);
        strbuf_clear(&text);
        strbuf_clear(&want);
        expect_state("a", false);
    }
}

Test(transact, wrong_requests_are_refused_as_a_whole)
{
    static const struct {
        const char *items, *code, *part;
    } cases[] = {
        {"",                                                                                                "ValidationException",       "Value '[]' at 'transactItems' failed to satisfy constraint"        },
        {"{}",                                                                                              "ValidationException",
         "TransactItems can only contain one of Check, Put, Update or Delete"                                                                                                                                },
        {"{'Put':{'TableName':'state','Item':{'pk':{'S':'a'},'sk':{'S':'-'}}},'Delete':{" KEY_B
         "}}",                                                                                     "ValidationException",       "can only contain one of"                                           },
        {"{'Get':{" KEY_B "}}",                                                                             "ValidationException",       "can only contain one of"                                           },
        {"{'Put':{'Item':{}}}",                                                                             "ValidationException",       "transactItems.1.member.put.tableName"                              },
        {PUT_A ",{'Put':{'TableName':'state'}}",                                                            "ValidationException",
         "transactItems.2.member.put.item"                                                                                                                                                                   },
        {"{'Update':{" KEY_B "}}",                                                                          "ValidationException",
         "transactItems.1.member.update.updateExpression"                                                                                                                                                    },
        {"{'ConditionCheck':{" KEY_B "}}",                                                                  "ValidationException",
         "transactItems.1.member.conditionCheck.conditionExpression"                                                                                                                                         },
        {PUT_A ",{'Delete':{'TableName':'state','Key':{'pk':{'S':'a'},'sk':{'S':'-'}}}}",
         "ValidationException",                                                                                                          "Transaction request cannot include multiple operations on one item"},
        {PUT_A ",{'Delete':{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/state',"
               "'Key':{'sk':{'S':'-'},'pk':{'S':'a'}}}}",                                          "ValidationException",       "multiple operations on one item"                                   },
        {"{'Put':{'TableName':'none','Item':{'pk':{'S':'a'}}}}",                                            "ResourceNotFoundException",
         "not found"                                                                                                                                                                                         },
        {"{'Delete':{" KEY_B ",'ConditionExpression':'pk ='}}",                                             "ValidationException",
         "Invalid ConditionExpression: Syntax error"                                                                                                                                                         },
        {"{'Delete':{" KEY_B ",'ConditionExpression':'attribute_exists(pk)',"
         "'ExpressionAttributeNames':{'#x':'y'}}}",                                                "ValidationException",       "ExpressionAttributeNames unused in expressions: keys: {#x}"        },
        {"{'Delete':{" KEY_B ",'ConditionExpression':'attribute_exists(pk)',"
         "'ExpressionAttributeValues':{':x':{'S':'y'}}}}",                                         "ValidationException",       "ExpressionAttributeValues unused in expressions: keys: {:x}"       },
        {"{'Delete':{" KEY_B ",'ExpressionAttributeValues':{':x':{'S':'y'}}}}",
         "ValidationException",                                                                                                          "can only be specified when using expressions"                      },
        {"{'Delete':{" KEY_B ",'ConditionExpression':'attribute_exists(pk)',"
         "'ReturnValuesOnConditionCheckFailure':'SOME'}}",                                         "ValidationException",       "enum value set: [ALL_OLD, NONE]"                                   },
        {"{'Put':{'TableName':'state','Item':{'pk':{'S':''},'sk':{'S':'-'}}}}",
         "ValidationException",                                                                                                          "cannot contain an empty string value. Key: pk"                     },
        {"{'Delete':{'TableName':'state','Key':{'pk':{'S':''},'sk':{'S':'-'}}}}",
         "ValidationException",                                                                                                          "cannot contain an empty string value. Key: pk"                     },
        {"{'Put':{'TableName':'jobs','Item':{'id':{'S':'x'},'user':{'S':''}}}}",
         "ValidationException",                                                                                                          "secondary index key"                                               },
        {"{'Update':{'TableName':'jobs','Key':{'id':{'S':'x'}},'UpdateExpression':'SET #u = :u',"
         "'ExpressionAttributeNames':{'#u':'user'},'ExpressionAttributeValues':{':u':{'S':''}}}}", "ValidationException",       "secondary index key"                                               },
        {"{'Put':{'TableName':'state','Item':{'pk':{'S':1}}}}",                                             "SerializationException",    ""                                                                  },
        {"{'Put':7}",                                                                                       "SerializationException",    ""                                                                  },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct strbuf text = STRBUF_INIT;
        strbuf_addf(&text, "{'TransactItems':[%s]}", cases[i].items);
        cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, strbuf_str(&text), cases[i].code,
                      cases[i].part);
        strbuf_clear(&text);
    }
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, "{}", "ValidationException",
                  "Value null at 'transactItems'");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, "{'TransactItems':{}}",
                  "SerializationException", "");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[" PUT_A "],'ClientRequestToken':''}", "ValidationException",
                  "greater than or equal to 1");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[" PUT_A "],"
                  "'ClientRequestToken':'1234567890123456789012345678901234567'}",
                  "ValidationException", "less than or equal to 36");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[" PUT_A "],'ReturnItemCollectionMetrics':'ALL'}",
                  "ValidationException", "[SIZE, NONE]");
    expect_state("a", false);
}

/* ---- limits ----------------------------------------------------------------------------- */

/* A transaction of `n` puts into the state table, each with `bytes` bytes of value. */
static char *puts_of(int n, size_t bytes, const char *more)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "{'TransactItems':[");
    for (int i = 0; i < n; i++) {
        strbuf_addf(&b,
                    "%s{'Put':{'TableName':'state','Item':{'pk':{'S':'p%d'},'sk':{'S':'-'},"
                    "'v':{'S':'",
                    i > 0 ? "," : "", i);
        for (size_t k = 0; k < bytes; k++) {
            strbuf_addc(&b, 'x');
        }
        strbuf_addf(&b, "'}}%s}}", more);
    }
    strbuf_adds(&b, "]}");
    return strbuf_take(&b);
}

Test(transact, a_hundred_actions_are_done_and_one_more_is_refused)
{
    char *text = puts_of(101, 1, "");

    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text, "ValidationException",
                  "length less than or equal to 100");
    free(text);
    text = puts_of(100, 1, ",'ConditionExpression':'attribute_not_exists(pk)'");
    cloud_answers(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text, "{}");
    /* once more: a hundred reasons, and all of them fit into the message */
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text, "TransactionCanceledException",
                  "[ConditionalCheckFailed, ");
    cr_expect_eq(cJSON_GetArraySize(json_array(c.failed, "CancellationReasons")), 100);
    const char *message = json_str_or(c.failed, "message", json_str_or(c.failed, "Message", ""));
    cr_expect_eq(message[strlen(message) - 1], ']', "%s", message);
    free(text);
}

Test(transact, four_megabytes_are_the_limit_and_400_kb_for_an_item)
{
    char *text = puts_of(11, 390 * 1024, "");

    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text, "ValidationException", "4 MB");
    free(text);
    expect_state("p0", false);
    text = puts_of(10, 390 * 1024, "");
    cloud_do(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text);
    free(text);
    expect_state("p9", true);
    text = puts_of(1, 400 * 1024, "");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text, "TransactionCanceledException",
                  "[ValidationError]");
    free(text);
    /* an item that grows beyond it */
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[{'Update':{'TableName':'state','Key':{'pk':{'S':'p1'},"
                  "'sk':{'S':'-'}},'UpdateExpression':'SET w = v'}}]}",
                  "TransactionCanceledException", "[ValidationError]");
    cr_expect_str_eq(cloud_member(c.failed, "CancellationReasons.0.Message")->valuestring,
                     "Item size to update has exceeded the maximum allowed size");
}

/* ---- capacity --------------------------------------------------------------------------- */

Test(transact, writes_cost_twice_and_a_second_time_the_reading)
{
    static const char text[] =
        "{'TransactItems':[" PUT_A ",{'ConditionCheck':{" KEY_B
        ",'ConditionExpression':'attribute_not_exists(pk)'}},"
        "{'Put':{'TableName':'jobs','Item':{'id':{'S':'j'},'user':{'S':'u'}}}}],"
        "'ReturnConsumedCapacity':'INDEXES','ClientRequestToken':'t'}";

    cloud_answers(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text,
                  "{'ConsumedCapacity':[{'CapacityUnits':4,'WriteCapacityUnits':4,'TableName':"
                  "'state','Table':{'CapacityUnits':4,'WriteCapacityUnits':4}},"
                  "{'CapacityUnits':4,'WriteCapacityUnits':4,'TableName':'jobs',"
                  "'Table':{'CapacityUnits':2,'WriteCapacityUnits':2},'GlobalSecondaryIndexes':"
                  "{'by-user':{'CapacityUnits':2,'WriteCapacityUnits':2}}}]}");
    cloud_answers(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, text,
                  "{'ConsumedCapacity':[{'CapacityUnits':4,'ReadCapacityUnits':4,'TableName':"
                  "'state','Table':{'CapacityUnits':4,'ReadCapacityUnits':4}},"
                  "{'CapacityUnits':2,'ReadCapacityUnits':2,'TableName':'jobs',"
                  "'Table':{'CapacityUnits':2,'ReadCapacityUnits':2}}]}");
}

Test(transact, collections_are_told_of_tables_with_local_indexes)
{
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'local','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
             "{'AttributeName':'h','AttributeType':'S'},{'AttributeName':'r','AttributeType':'S'},"
             "{'AttributeName':'l','AttributeType':'S'}],'KeySchema':["
             "{'AttributeName':'h','KeyType':'HASH'},{'AttributeName':'r','KeyType':'RANGE'}],"
             "'LocalSecondaryIndexes':[{'IndexName':'by-l','KeySchema':["
             "{'AttributeName':'h','KeyType':'HASH'},{'AttributeName':'l','KeyType':'RANGE'}],"
             "'Projection':{'ProjectionType':'ALL'}}]}");
    cloud_answers(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[" PUT_A ",{'Put':{'TableName':'local','Item':{'h':{'S':'1'},"
                  "'r':{'S':'2'}}}}],'ReturnItemCollectionMetrics':'SIZE'}",
                  "{'ItemCollectionMetrics':{'local':[{'ItemCollectionKey':{'h':{'S':'1'}},"
                  "'SizeEstimateRangeGB':[0,1]}]}}");
    cloud_answers(&c, AWS_OP_DDB_PUT_ITEM,
                  "{'TableName':'local','Item':{'h':{'S':'1'},'r':{'S':'3'}},"
                  "'ReturnItemCollectionMetrics':'SIZE'}",
                  "{'ItemCollectionMetrics':{'ItemCollectionKey':{'h':{'S':'1'}},"
                  "'SizeEstimateRangeGB':[0,1]}}");
}

Test(transact, the_order_of_members_does_not_make_another_request)
{
    cloud_do(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
             "{'TransactItems':[" PUT_A "],'ClientRequestToken':'t'}");
    cloud_do(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
             "{'ClientRequestToken':'t','TransactItems':[{'Put':{'Item':{'sk':{'S':'-'},"
             "'pk':{'S':'a'}},'TableName':'state'}}]}");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[" PUT_A "],'ClientRequestToken':'t',"
                  "'ReturnConsumedCapacity':'TOTAL'}",
                  "IdempotentParameterMismatchException", "different payload");
    /* a token of a cancelled transaction is free */
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[{'Delete':{" KEY_B
                  ",'ConditionExpression':'attribute_exists(pk)'}}],'ClientRequestToken':'u'}",
                  "TransactionCanceledException", "");
    cloud_do(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
             "{'TransactItems':[{'Delete':{" KEY_B "}}],'ClientRequestToken':'u'}");
}

/* ---- what follows from a write ---------------------------------------------------------- */

Test(transact, the_stream_has_the_writes_in_order_and_the_index_follows)
{
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'jobs','Item':{'id':{'S':'1'},'user':{'S':'u'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'jobs','Item':{'id':{'S':'2'},'user':{'S':'u'}}}");
    cloud_do(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
             "{'TransactItems':["
             "{'Update':{'TableName':'jobs','Key':{'id':{'S':'2'}},'UpdateExpression':"
             "'SET #u = :u','ExpressionAttributeNames':{'#u':'user'},"
             "'ExpressionAttributeValues':{':u':{'S':'w'}}}},"
             "{'ConditionCheck':{'TableName':'jobs','Key':{'id':{'S':'9'}},"
             "'ConditionExpression':'attribute_not_exists(id)'}},"
             "{'Put':{'TableName':'jobs','Item':{'id':{'S':'3'},'user':{'S':'u'}}}},"
             "{'Delete':{'TableName':'jobs','Key':{'id':{'S':'1'}}}}]}");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS,
                  "{'TransactItems':[{'Put':{'TableName':'jobs','Item':{'id':{'S':'4'}}}},"
                  "{'Delete':{'TableName':'jobs','Key':{'id':{'S':'9'}},"
                  "'ConditionExpression':'attribute_exists(id)'}}]}",
                  "TransactionCanceledException", "");
    cloud_answers(&c, AWS_OP_DDB_QUERY,
                  "{'TableName':'jobs','IndexName':'by-user','KeyConditionExpression':'#u = :u',"
                  "'ExpressionAttributeNames':{'#u':'user'},"
                  "'ExpressionAttributeValues':{':u':{'S':'u'}},'ProjectionExpression':'id'}",
                  "{'Items':[{'id':{'S':'3'}}],'Count':1,'ScannedCount':1}");
    char *events = cloud_stream_text(&c, "jobs");
    cr_expect_str_eq(events, "INSERT 1, INSERT 2, MODIFY 2, INSERT 3, REMOVE 1");
    free(events);
}

/* ---- TransactGetItems ------------------------------------------------------------------- */

Test(transact, gets_answer_in_order_with_what_is_there)
{
    cloud_do(&c, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, "{'TransactItems':[" PUT_A "]}");
    cloud_answers(&c, AWS_OP_DDB_TRANSACT_GET_ITEMS,
                  "{'TransactItems':[{'Get':{" KEY_B "}},{'Get':{'TableName':'state',"
                  "'Key':{'pk':{'S':'a'},'sk':{'S':'-'}},'ProjectionExpression':'#s',"
                  "'ExpressionAttributeNames':{'#s':'sk'}}}],'ReturnConsumedCapacity':'TOTAL'}",
                  "{'Responses':[{},{'Item':{'sk':{'S':'-'}}}],'ConsumedCapacity':[{"
                  "'CapacityUnits':4,'ReadCapacityUnits':4,'TableName':'state'}]}");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_GET_ITEMS,
                  "{'TransactItems':[{'Get':{" KEY_B "}},{'Get':{" KEY_B "}}]}",
                  "ValidationException", "multiple operations on one item");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_GET_ITEMS,
                  "{'TransactItems':[{'Get':{" KEY_B "}},{'Get':{'TableName':'state',"
                  "'Key':{'pk':{'S':'a'}}}}]}",
                  "TransactionCanceledException", "[None, ValidationError]");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_GET_ITEMS, "{'TransactItems':[{'Put':{}}]}",
                  "ValidationException", "transactItems.1.member.get");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_GET_ITEMS,
                  "{'TransactItems':[{'Get':{'TableName':'state'}}]}", "ValidationException",
                  "transactItems.1.member.get.key");
    cloud_refuses(&c, AWS_OP_DDB_TRANSACT_GET_ITEMS,
                  "{'TransactItems':[{'Get':{'TableName':'none','Key':{'pk':{'S':'a'}}}}]}",
                  "ResourceNotFoundException", "not found");
}

/* ---- a process that is killed ----------------------------------------------------------- */

enum { KILLS = 12, KILLED_TRANSACTIONS = 4000 };

/* Transaction `n` of the killed process: a job, its state, and one more on a counter. */
static cJSON *numbered(int n)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_addf(&b,
                "{'TransactItems':[{'Put':{'TableName':'jobs','Item':{'id':{'S':'k%d'}}}},"
                "{'Put':{'TableName':'state','Item':{'pk':{'S':'k%d'},'sk':{'S':'-'}}}},"
                "{'Update':{'TableName':'state','Key':{'pk':{'S':'count'},'sk':{'S':'-'}},"
                "'UpdateExpression':'ADD n :one','ExpressionAttributeValues':{':one':{'N':'1'}}}}],"
                "'ClientRequestToken':'k%d'}",
                n, n, n);
    cJSON *in = document(strbuf_str(&b));
    strbuf_clear(&b);
    return in;
}

/* Does transactions from `first` on and tells the number of each that is done, until it is killed.
 */
static void be_killed(int out, int first)
{
    struct err e;
    struct cloud *l =
        cloud_start(&(struct cloud_options){.data_dir = c.dir, .program = "/bin/true"}, &e);

    for (int n = first; l != NULL && n < first + KILLED_TRANSACTIONS; n++) {
        struct cloud_reply r;
        cJSON *in = numbered(n);
        cloud_dispatch(l, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, in, &r);
        if (r.code[0] != '\0' || write(out, &n, sizeof n) != sizeof n) {
            _exit(2);
        }
        cloud_reply_clear(&r);
        cJSON_Delete(in);
    }
    _exit(1);
}

/* The number of items whose keys begin with "k" in a table: those of the killed process. */
static int count_numbered(const char *table, const char *key)
{
    char text[256];

    (void)snprintf(text, sizeof text,
                   "{'TableName':'%s','FilterExpression':'begins_with(%s, :k)','Select':'COUNT',"
                   "'ExpressionAttributeValues':{':k':{'S':'k'}}}",
                   table, key);
    cJSON *out = cloud_call(&c, AWS_OP_DDB_SCAN, text);
    cr_assert_not_null(out, "%s", c.e.msg);
    int n = (int)json_int(out, "Count", -1);
    cJSON_Delete(out);
    return n;
}

static int counter(void)
{
    char *text = state_of("count");
    const char *at = text == NULL ? NULL : strstr(text, "\"n\":{\"N\":\"");
    int n = at == NULL ? 0 : atoi(at + strlen("\"n\":{\"N\":\""));

    free(text);
    return n;
}

/* Runs the process, kills it at some moment, and gives the number after the last one it told. */
static int kill_once(int first, int after_ms)
{
    int ends[2], n = first - 1, told = first;

    cr_assert_eq(pipe(ends), 0);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        be_killed(ends[1], first);
    }
    (void)close(ends[1]);
    cr_assert_eq(read(ends[0], &n, sizeof n), (ssize_t)sizeof n, "the first transaction is done");
    (void)nanosleep(&(struct timespec){.tv_nsec = after_ms * 1000000L}, NULL);
    cr_assert_eq(kill(pid, SIGKILL), 0);
    do {
        told = n + 1;
    } while (read(ends[0], &n, sizeof n) == (ssize_t)sizeof n);
    int status = 0;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFSIGNALED(status), "killed while it works: %d", status);
    (void)close(ends[0]);
    return told;
}

Test(transact, a_killed_cloud_has_each_transaction_whole_or_not_at_all)
{
    int next = 0;

    for (int i = 0; i < KILLS; i++) {
        cloud_halt(&c);
        next = kill_once(next, i * 7);
        cloud_resume(&c);
        int jobs = count_numbered("jobs", "id"), states = count_numbered("state", "pk");
        cr_expect_eq(jobs, states, "kill %d: %d jobs, %d states", i, jobs, states);
        cr_expect_eq(counter(), jobs);
        cr_expect(jobs == next || jobs == next + 1, "%d told, %d there", next, jobs);
        /* the one in doubt is sent again: then it is there, and once */
        cJSON *in = numbered(next);
        cr_expect_eq(aws_call(c.aws, AWS_OP_DDB_TRANSACT_WRITE_ITEMS, in, NULL, &c.e), E_OK, "%s",
                     c.e.msg);
        cJSON_Delete(in);
        next++;
        cr_expect_eq(counter(), next);
        cr_expect_eq(count_numbered("jobs", "id"), next);
    }
}
