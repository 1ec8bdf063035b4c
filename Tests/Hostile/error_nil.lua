-- expect: error object is nil
error(nil)
