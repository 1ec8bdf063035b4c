-- expect: EBUSY: page is being reclaimed
error({ code = 'EBUSY', message = 'page is being reclaimed' })
