// Which Lua this is.
#include "internal.h"

const char *luahost_lua_release(void) { return LUA_RELEASE; }
