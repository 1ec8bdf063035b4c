// Functions of the library that scripts get as they are, but for a price: what they do grows with their arguments, in C, where no hook is
// asked. `Docs/LuaHost.md` has the prices of all functions and operators. The function itself is upvalue 1 and runs in the same frame, so that
// its messages name it and its caller as ever.
#include <math.h>
#include <string.h>
#include "internal.h"

typedef enum price {
  BASE = 1,        // 4 units a call
  ARGUMENTS = 2,   // a unit for 4 arguments
  FORMAT = 4,      // 2 units for each byte of the first argument
  STRINGS = 8,     // a unit for 8 bytes of all arguments
  RESULTS = 16,    // a unit for 4 results, and for 8 bytes of the last one
  FLOATS = 32      // 80 where an argument is a float
} price;

static const struct { const char *library, *name; int price; } priced[] = {
  { "_G", "select", ARGUMENTS }, { "_G", "rawequal", STRINGS },
  { "string", "byte", RESULTS }, { "string", "char", ARGUMENTS }, { "string", "lower", STRINGS }, { "string", "upper", STRINGS },
  { "string", "reverse", STRINGS }, { "string", "pack", FORMAT | ARGUMENTS | RESULTS }, { "string", "packsize", FORMAT },
  { "string", "unpack", FORMAT | RESULTS },
  { "table", "pack", ARGUMENTS },
  { "math", "max", ARGUMENTS }, { "math", "min", ARGUMENTS }, { "math", "fmod", FLOATS }, { "math", "sin", BASE },
  { "math", "cos", BASE }, { "math", "tan", BASE }, { "math", "exp", BASE }, { "math", "log", BASE },
  { "math", "asin", BASE }, { "math", "acos", BASE }, { "math", "atan", BASE },
  { "utf8", "char", ARGUMENTS },
};

static int64_t price_of_arguments(lua_State *L, int price) {
  const int count = lua_gettop(L);
  int64_t fuel = price & BASE ? 4 : 0;
  if (price & ARGUMENTS) fuel += count / 4;
  if (price & FORMAT && lua_type(L, 1) == LUA_TSTRING) fuel += (int64_t)lua_rawlen(L, 1) * 2;
  for (int i = 1; i <= count && price & (STRINGS | FLOATS); i++) {
    const int type = lua_type(L, i);
    if (type == LUA_TSTRING && price & STRINGS) fuel += (int64_t)(lua_rawlen(L, i) / 8);
    if (type == LUA_TNUMBER && price & FLOATS && !lua_isinteger(L, i)) return fuel + 80;
  }
  return fuel;
}

// Upvalues: the function, its price.
static int pay_and_call(lua_State *L) {
  const int price = (int)lua_tointeger(L, lua_upvalueindex(2));
  const int64_t fuel = price_of_arguments(L, price);
  if (fuel > 0) lh_charge(L, fuel);
  const int count = lua_tocfunction(L, lua_upvalueindex(1))(L);
  if (price & RESULTS) {
    const int64_t bytes = count > 0 && lua_type(L, -1) == LUA_TSTRING ? (int64_t)lua_rawlen(L, -1) : 0;
    lh_charge(L, count / 4 + bytes / 8);
  }
  return count;
}

static void put_price(lua_State *L, int price) {
  lua_pushinteger(L, price);
  lua_pushcclosure(L, pay_and_call, 2);
}

// Replaces those of `library` in the table at `index`.
void lh_price_libraries(lua_State *L, int index, const char *library) {
  for (size_t i = 0; i < sizeof priced / sizeof priced[0]; i++) {
    if (strcmp(priced[i].library, library) != 0) continue;
    lua_getfield(L, index, priced[i].name);
    put_price(L, priced[i].price);
    lua_setfield(L, index, priced[i].name);
  }
}

// Arithmetic on strings reads numerals of any length.
void lh_price_arithmetic(lua_State *L) {
  static const char *const events[] = {
    "__add", "__sub", "__mul", "__div", "__idiv", "__mod", "__pow", "__unm", NULL
  };
  for (const char *const *event = events; *event != NULL; event++) {
    lua_getfield(L, -1, *event);
    put_price(L, STRINGS | BASE);
    lua_setfield(L, -2, *event);
  }
}

int64_t lh_number_fuel(lua_State *L, int index) {
  if (lua_isinteger(L, index)) return 4;
  const lua_Number size = fabs(lua_tonumber(L, index));
  return size < 0x1p64 && size > 0x1p-64 ? 12 : 40;
}

// utf8.codes' iterator passes over bytes that continue a character, however many there are: upvalue 1 is the library's.
static int next_code(lua_State *L) {
  const lua_Integer from = lua_type(L, 2) == LUA_TNUMBER ? lua_tointeger(L, 2) : 0;
  const int64_t length = lua_type(L, 1) == LUA_TSTRING ? (int64_t)lua_rawlen(L, 1) : 0;
  if (from >= 0 && from <= length) {
    const unsigned char *text = (const unsigned char *)(length > 0 ? lua_tostring(L, 1) : "");
    int64_t passed = 0;
    while (from + passed < length && (text[from + passed] & 0xC0) == 0x80) passed++;
    if (passed > 8) lh_charge(L, passed / 4);
  }
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

// Upvalues: the library's utf8.codes.
static int codes(lua_State *L) {
  const int count = lua_tocfunction(L, lua_upvalueindex(1))(L);
  lua_pushvalue(L, -count);
  lua_pushcclosure(L, next_code, 1);
  lua_replace(L, -count - 1);
  return count;
}

// Replaces the library's utf8.codes on top.
void lh_price_codes(lua_State *L) { lua_pushcclosure(L, codes, 1); }
