/* DynamoDB of the local cloud: the shapes of its parameters, which the service checks before it
 * reads what they say. */
#include "aws/attr.h"
#include "core/json.h"
#include "ddb.h"

enum shape {
    STRING,
    NUMBER,
    BOOLEAN,
    STRUCT, /* an object with these members (others are ignored) */
    LIST,   /* a list of elements of one shape */
    MAP,    /* an object of name -> values of one shape */
    VALUES  /* an object of name -> AttributeValue */
};

struct member {
    /* NULL ends a list of members; not used where the row describes what is inside a list or map */
    const char *name;
    enum shape shape;
    /* for STRUCT its members, for LIST and MAP the one shape of what is inside */
    const struct member *inside;
};

#define END                                                                                        \
    {                                                                                              \
        NULL, STRING, NULL                                                                         \
    }

static const struct member a_string = {"", STRING, NULL};
static const struct member values = {"", VALUES, NULL};
static const struct member nothing[] = {END};
/* the reader of such a parameter checks it */
static const struct member any_struct = {"", STRUCT, nothing};

static const struct member throughput[] = {
    {"ReadCapacityUnits",  NUMBER, NULL},
    {"WriteCapacityUnits", NUMBER, NULL},
    END
};
static const struct member key_part[] = {
    {"AttributeName", STRING, NULL},
    {"KeyType",       STRING, NULL},
    END
};
static const struct member a_key_part = {"", STRUCT, key_part};
static const struct member definition[] = {
    {"AttributeName", STRING, NULL},
    {"AttributeType", STRING, NULL},
    END
};
static const struct member a_definition = {"", STRUCT, definition};
static const struct member projection[] = {
    {"ProjectionType",   STRING, NULL     },
    {"NonKeyAttributes", LIST,   &a_string},
    END
};
static const struct member index_members[] = {
    {"IndexName",             STRING, NULL       },
    {"KeySchema",             LIST,   &a_key_part},
    {"Projection",            STRUCT, projection },
    {"ProvisionedThroughput", STRUCT, throughput },
    END
};
static const struct member an_index = {"", STRUCT, index_members};
static const struct member index_update[] = {
    {"Create", STRUCT, index_members},
    {"Update", STRUCT, index_members},
    {"Delete", STRUCT, index_members},
    END
};
static const struct member an_index_update = {"", STRUCT, index_update};
static const struct member stream[] = {
    {"StreamEnabled",  BOOLEAN, NULL},
    {"StreamViewType", STRING,  NULL},
    END
};

static const struct member time_to_live[] = {
    {"Enabled",       BOOLEAN, NULL},
    {"AttributeName", STRING,  NULL},
    END
};

static const struct member parameters[] = {
    {"TableName",                           STRING,  NULL            },
    {"IndexName",                           STRING,  NULL            },
    {"Key",                                 VALUES,  NULL            },
    {"Item",                                VALUES,  NULL            },
    {"ExclusiveStartKey",                   VALUES,  NULL            },
    {"ExclusiveStartTableName",             STRING,  NULL            },
    {"ConditionExpression",                 STRING,  NULL            },
    {"FilterExpression",                    STRING,  NULL            },
    {"KeyConditionExpression",              STRING,  NULL            },
    {"ProjectionExpression",                STRING,  NULL            },
    {"UpdateExpression",                    STRING,  NULL            },
    {"ExpressionAttributeNames",            MAP,     &a_string       },
    {"ExpressionAttributeValues",           MAP,     &any_struct     },
    {"ReturnValues",                        STRING,  NULL            },
    {"ReturnConsumedCapacity",              STRING,  NULL            },
    {"ReturnItemCollectionMetrics",         STRING,  NULL            },
    {"ReturnValuesOnConditionCheckFailure", STRING,  NULL            },
    {"Select",                              STRING,  NULL            },
    {"Limit",                               NUMBER,  NULL            },
    {"Segment",                             NUMBER,  NULL            },
    {"TotalSegments",                       NUMBER,  NULL            },
    {"ConsistentRead",                      BOOLEAN, NULL            },
    {"ScanIndexForward",                    BOOLEAN, NULL            },
    {"AttributeDefinitions",                LIST,    &a_definition   },
    {"KeySchema",                           LIST,    &a_key_part     },
    {"BillingMode",                         STRING,  NULL            },
    {"ProvisionedThroughput",               STRUCT,  throughput      },
    {"GlobalSecondaryIndexes",              LIST,    &an_index       },
    {"LocalSecondaryIndexes",               LIST,    &an_index       },
    {"GlobalSecondaryIndexUpdates",         LIST,    &an_index_update},
    {"StreamSpecification",                 STRUCT,  stream          },
    {"DeletionProtectionEnabled",           BOOLEAN, NULL            },
    {"TimeToLiveSpecification",             STRUCT,  time_to_live    },
    END
};

static const struct member keys_of_table[] = {
    {"Keys",                     LIST,    &values  },
    {"ConsistentRead",           BOOLEAN, NULL     },
    {"ProjectionExpression",     STRING,  NULL     },
    {"ExpressionAttributeNames", MAP,     &a_string},
    END
};
static const struct member get_of_table = {"", STRUCT, keys_of_table};
static const struct member get_items[] = {
    {"RequestItems", MAP, &get_of_table},
    END
};

static const struct member put_request[] = {
    {"Item", VALUES, NULL},
    END
};
static const struct member delete_request[] = {
    {"Key", VALUES, NULL},
    END
};
static const struct member write_request[] = {
    {"PutRequest",    STRUCT, put_request   },
    {"DeleteRequest", STRUCT, delete_request},
    END
};
static const struct member a_write_request = {"", STRUCT, write_request};
static const struct member writes_of_table = {"", LIST, &a_write_request};
static const struct member write_items[] = {
    {"RequestItems", MAP, &writes_of_table},
    END
};

static const struct member action[] = {
    {"TableName",                           STRING, NULL       },
    {"Item",                                VALUES, NULL       },
    {"Key",                                 VALUES, NULL       },
    {"ConditionExpression",                 STRING, NULL       },
    {"UpdateExpression",                    STRING, NULL       },
    {"ExpressionAttributeNames",            MAP,    &a_string  },
    {"ExpressionAttributeValues",           MAP,    &any_struct},
    {"ReturnValuesOnConditionCheckFailure", STRING, NULL       },
    {"ProjectionExpression",                STRING, NULL       },
    END
};
static const struct member transact_item[] = {
    {"Put",            STRUCT, action},
    {"Update",         STRUCT, action},
    {"Delete",         STRUCT, action},
    {"ConditionCheck", STRUCT, action},
    {"Get",            STRUCT, action},
    END
};
static const struct member a_transact_item = {"", STRUCT, transact_item};
static const struct member transaction[] = {
    {"TransactItems",      LIST,   &a_transact_item},
    {"ClientRequestToken", STRING, NULL            },
    END
};

static bool check(const cJSON *v, enum shape shape, const struct member *inside,
                  struct cloud_reply *r);

static bool wrong(struct cloud_reply *r, const char *wanted)
{
    cloud_fail(r, 400, "SerializationException",
               "A value of the wrong type was found where %s is expected", wanted);
    return false;
}

static bool check_members(const cJSON *object, const struct member *members, struct cloud_reply *r)
{
    for (const struct member *m = members; m->name != NULL; m++) {
        const cJSON *v = json_get(object, m->name);
        if (v != NULL && !check(v, m->shape, m->inside, r)) {
            return false;
        }
    }
    return true;
}

static bool check_each(const cJSON *container, const struct member *of, struct cloud_reply *r)
{
    for (const cJSON *v = container->child; v != NULL; v = v->next) {
        if (!check(v, of->shape, of->inside, r)) {
            return false;
        }
    }
    return true;
}

static bool check_values(const cJSON *item, struct cloud_reply *r)
{
    struct err e;

    for (const cJSON *v = item->child; v != NULL; v = v->next) {
        if (attr_validate(v, &e) != E_OK) {
            return ddb_fail(r, &e);
        }
    }
    return true;
}

/* Checks a value against a shape; null means the same as leaving it out. */
static bool check(const cJSON *v, enum shape shape, const struct member *inside,
                  struct cloud_reply *r)
{
    if (cJSON_IsNull(v)) {
        return true;
    }
    switch (shape) {
    case STRING:
        return cJSON_IsString(v) || wrong(r, "a String");
    case NUMBER:
        return cJSON_IsNumber(v) || wrong(r, "an Integer");
    case BOOLEAN:
        return cJSON_IsBool(v) || wrong(r, "a Boolean");
    case STRUCT:
        return cJSON_IsObject(v) ? check_members(v, inside, r) : wrong(r, "a structure");
    case LIST:
        return cJSON_IsArray(v) ? check_each(v, inside, r) : wrong(r, "a list");
    case MAP:
        return cJSON_IsObject(v) ? check_each(v, inside, r) : wrong(r, "a map");
    case VALUES:
        return cJSON_IsObject(v) ? check_values(v, r) : wrong(r, "a map");
    }
    return true;
}

bool ddb_shapes_ok(const cJSON *in, struct cloud_reply *r)
{
    return check_members(in, parameters, r);
}

bool ddb_shapes_of_get_ok(const cJSON *in, struct cloud_reply *r)
{
    return check_members(in, parameters, r) && check_members(in, get_items, r);
}

bool ddb_shapes_of_write_ok(const cJSON *in, struct cloud_reply *r)
{
    return check_members(in, parameters, r) && check_members(in, write_items, r);
}

bool ddb_shapes_of_transaction_ok(const cJSON *in, struct cloud_reply *r)
{
    return check_members(in, parameters, r) && check_members(in, transaction, r);
}
