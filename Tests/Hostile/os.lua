-- expect: unknown name 'os'
os.exit(0)
