import SGXDriver
