"""What a workbook says of the workspace's fields and groups, beside its contacts: the sheets Fields and Groups.

`sheets` tells them from others, `rules` says what the server would refuse (to those who do it by hand as well),
`planning` decides, row by row, what is to be done.
"""
